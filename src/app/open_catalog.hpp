// The catalog that --catalog names: the lake's own, or AWS Glue's, whose tables are those of a lake in S3.
// Thread-safety: as Settings. Failure: ErrorKind::usage naming the option.
#pragma once

#include <memory>
#include <string>

#include "app/settings.hpp"
#include "catalog/catalog.hpp"
#include "catalog/projection.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"
#include "lake/object_store.hpp"

namespace stack::app {

enum class CatalogPlace { lake, glue };

// What can be wrong with --catalog and --database, said before any work is done.
[[nodiscard]] Result<CatalogPlace> catalog_place(const Settings& settings);
// As that; besides, that the lake at URI can have its tables there.
[[nodiscard]] Result<void> check_catalog_of(const Settings& settings, const std::string& uri);

// STORE, CLOCK and STOP, with which calls to AWS end, outlive the catalog. Nothing is asked yet.
[[nodiscard]] Result<std::unique_ptr<catalog::Catalog>> open_catalog(const Settings& settings, lake::ObjectStore& store,
                                                                     const Clock& clock,
                                                                     const StopFlag* stop = nullptr);
// Glue's, of the lake at URI; of any lake where that is empty.
[[nodiscard]] Result<std::unique_ptr<catalog::Catalog>> open_glue_catalog(const Settings& settings,
                                                                          const std::string& uri, const Clock& clock,
                                                                          const StopFlag* stop = nullptr);

// " --catalog glue" where that is not the default: for commands that are suggested.
[[nodiscard]] std::string catalog_flag(const Settings& settings);

// What --projection says, and that it says nothing.
[[nodiscard]] catalog::Projection projection_of(const Settings& settings);

}  // namespace stack::app
