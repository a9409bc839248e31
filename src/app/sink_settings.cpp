#include "app/sink_settings.hpp"

#include <fmt/format.h>

#include "app/names.hpp"
#include "lake/resume_point.hpp"

namespace stack::app {

Result<lake::SinkOptions> sink_options(const Settings& settings, std::string topic) {
  lake::SinkOptions options;
  STACK_TRY(check_topic(settings));
  STACK_TRY(check_table_to_write(settings));
  STACK_TRY_ASSIGN(format, settings.choice("format", {"ndjson", "parquet"}));
  options.format = *lake::parse_file_format(format);
  if (options.format == lake::FileFormat::parquet) options.compression = lake::Compression::zstd;
  if (settings.given("compression")) {
    STACK_TRY_ASSIGN(compression, settings.choice("compression", {"none", "gzip", "zstd"}));
    options.compression = *lake::parse_compression(compression);
  }
  STACK_TRY_ASSIGN(partition_by, settings.choice("partition-by", {"day", "month", "year", "none"}));
  options.partition_by = *lake::parse_partition_by(partition_by);
  STACK_TRY_ASSIGN(count, settings.whole("rotate-count", 1, UINT64_MAX));
  STACK_TRY_ASSIGN(bytes, settings.bytes("rotate-bytes"));
  STACK_TRY_ASSIGN(age, settings.duration("rotate-age"));
  STACK_TRY_ASSIGN(memory, settings.bytes("memory"));
  if (bytes == 0) return std::unexpected(settings.wrong("rotate-bytes", "a size above 0"));
  if (age == Milliseconds{0}) return std::unexpected(settings.wrong("rotate-age", "a time above 0"));
  if (memory < (8ULL << 20)) return std::unexpected(settings.wrong("memory", "a size of at least 8MB"));
  options.topic = std::move(topic);
  options.table = settings.text("table");
  options.rotation = {.count = *count, .bytes = *bytes, .age = *age};
  options.memory_budget = *memory;
  options.until_end = settings.flag("until-end");
  options.slot = settings.text("group-instance");
  return options;
}

Result<void> check_format(const Settings& settings, const lake::SinkOptions& options, lake::ObjectStore& store) {
  if (settings.flag("mixed-formats")) return {};
  STACK_TRY_ASSIGN(held, lake::format_of_table(store, options.table));
  if (!held || *held == options.format) return {};
  return fail(
      ErrorKind::conflict,
      fmt::format("--format {}: the table '{}' in {} holds {} files, and Athena reads one format a table; go on "
                  "with --format {}, use another --table, or say --mixed-formats",
                  lake::name_of(options.format), options.table, store.uri(), lake::name_of(*held),
                  lake::name_of(*held)));
}

}  // namespace stack::app
