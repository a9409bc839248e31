// A catalog table as a DuckDB view over its files: one branch for each format and depth of partitioning that they have,
// joined by UNION ALL, every branch with the catalog's columns, NULL where its files lack one. Partition keys come from
// the folders, so that a filter on them leaves other folders' files unopened.
// Thread-safety: a free function. Never fails.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "catalog/data_file.hpp"
#include "catalog/table.hpp"

namespace stack::query {

// The SELECT of the view. ROOT is the lake's folder.
[[nodiscard]] std::string view_select(const catalog::Table& table, std::span<const catalog::DataFile> files,
                                      const std::filesystem::path& root);

}  // namespace stack::query
