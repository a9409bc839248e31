#include "app/open_catalog.hpp"

#include <fmt/format.h>

#include "app/aws_services.hpp"
#include "app/names.hpp"
#include "app/progress.hpp"
#include "catalog/glue_catalog.hpp"
#include "catalog/lake_catalog.hpp"

namespace stack::app {

Result<CatalogPlace> catalog_place(const Settings& settings) {
  STACK_TRY_ASSIGN(chosen, settings.choice("catalog", {"lake", "glue"}));
  STACK_TRY(check_database(settings));
  return chosen == "glue" ? CatalogPlace::glue : CatalogPlace::lake;
}

Result<void> check_catalog_of(const Settings& settings, const std::string& uri) {
  STACK_TRY_ASSIGN(place, catalog_place(settings));
  if (place == CatalogPlace::lake || uri.starts_with("s3://")) return {};
  return fail(ErrorKind::usage, fmt::format("--catalog glue: AWS Glue's tables are in S3, and the lake {} is a folder: "
                                            "name one with --lake s3://BUCKET/PREFIX, or take --catalog lake",
                                            uri));
}

Result<std::unique_ptr<catalog::Catalog>> open_catalog(const Settings& settings, lake::ObjectStore& store,
                                                       const Clock& clock, const StopFlag* stop) {
  STACK_TRY(check_catalog_of(settings, store.uri()));
  STACK_TRY_ASSIGN(place, catalog_place(settings));
  if (place == CatalogPlace::glue) return open_glue_catalog(settings, store.uri(), clock, stop);
  return std::make_unique<catalog::LakeCatalog>(store);
}

Result<std::unique_ptr<catalog::Catalog>> open_glue_catalog(const Settings& settings, const std::string& uri,
                                                            const Clock& clock, const StopFlag* stop) {
  STACK_TRY_ASSIGN(glue, open_service(aws::kGlue, settings, clock, stop));
  return std::make_unique<catalog::GlueCatalog>(std::move(glue), uri, clock, warn_meanwhile);
}

std::string catalog_flag(const Settings& settings) {
  return settings.text("catalog") == "glue" ? " --catalog glue" : "";
}

catalog::Projection projection_of(const Settings& settings) {
  if (!settings.given("projection")) return catalog::Projection::as_it_was;
  return settings.flag("projection") ? catalog::Projection::on : catalog::Projection::off;
}

}  // namespace stack::app
