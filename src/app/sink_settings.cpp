#include "app/sink_settings.hpp"

#include <fmt/format.h>

#include "app/names.hpp"
#include "lake/record.hpp"
#include "lake/resume_point.hpp"

namespace stack::app {
namespace {

Result<std::optional<lake::OffsetChoice>> offset_choice(const Settings& settings, std::string_view option) {
  if (!settings.given(option)) return std::nullopt;
  auto choice = lake::parse_offset_choice(settings.text(option));
  if (!choice)
    return std::unexpected(settings.wrong(option, "an offset, or one of each partition as in 0:1000,1:2500"));
  return choice;
}

Result<std::optional<Micros>> instant(const Settings& settings, std::string_view option) {
  if (!settings.given(option)) return std::nullopt;
  const std::string text = settings.text(option);
  if (const auto date = parse_date(text)) return Micros{*date};
  const auto time = lake::parse_event_time(text);
  if (!time || *time < Micros{})
    return std::unexpected(settings.wrong(option, "a time since 1970, as in 2026-11-25 or 2026-11-25T14:30:00Z"));
  return time;
}

}  // namespace

Result<lake::BoundsRequest> bounds_request(const Settings& settings) {
  for (const std::string_view end : {"from", "to"}) {
    const auto by_offset = std::string(end) + "-offset";
    const auto by_time = std::string(end) + "-time";
    if (settings.given(by_offset) && settings.given(by_time))
      return fail(ErrorKind::usage, fmt::format("--{} and --{} say two things: give one of them", by_offset, by_time));
  }
  lake::BoundsRequest request;
  STACK_TRY_ASSIGN(from_offset, offset_choice(settings, "from-offset"));
  STACK_TRY_ASSIGN(to_offset, offset_choice(settings, "to-offset"));
  STACK_TRY_ASSIGN(from_time, instant(settings, "from-time"));
  STACK_TRY_ASSIGN(to_time, instant(settings, "to-time"));
  request.from_offset = std::move(from_offset);
  request.to_offset = std::move(to_offset);
  request.from_time = from_time;
  request.to_time = to_time;
  return request;
}

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
