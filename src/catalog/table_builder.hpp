// A catalog entry from what a crawl knows of a table's files, and in words how it differs from the entry before.
// Thread-safety: free functions. Never fails.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/crawl_state.hpp"
#include "catalog/table.hpp"

namespace stack::catalog {

// Columns in the order in which they first appear by file key; those of ticks, where all six are there and fit their
// declared types, first and as declared, and with them bid and ask where both are there and fit.
[[nodiscard]] Table build_table(std::string_view database, std::string_view folder, std::string_view lake_uri,
                                const CrawlState& state);

// Columns that differ between files: in how many they are, which types met.
[[nodiscard]] std::vector<std::string> drift_between_files(const Table& table, const CrawlState& state);
// Columns that came, went or changed their type since BEFORE.
[[nodiscard]] std::vector<std::string> drift_since(const Table& before, const Table& now);

}  // namespace stack::catalog
