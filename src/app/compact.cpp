// stack compact: the small files of a lake's tables merged into fewer.
#include <fmt/format.h>

#include "app/command.hpp"
#include "app/json_object.hpp"
#include "app/lake_location.hpp"
#include "app/names.hpp"
#include "app/progress.hpp"
#include "lake/compaction.hpp"

namespace stack::app {
namespace {

// What a store that is no folder has to wait for: see lake/compaction.hpp.
constexpr std::chrono::minutes kSafeOnS3{30};

Result<lake::CompactionOptions> options_of(const Settings& settings, const lake::ObjectStore& store) {
  lake::CompactionOptions options;
  if (settings.given("table")) {
    STACK_TRY(check_table(settings));
    options.tables.push_back(settings.text("table"));
  }
  STACK_TRY_ASSIGN(target, settings.bytes("target-size"));
  STACK_TRY_ASSIGN(closed_for, settings.duration("closed-for"));
  if (*target == 0) return std::unexpected(settings.wrong("target-size", "a size above 0"));
  if (!store.local_path("_stack") && *closed_for < kSafeOnS3)
    return std::unexpected(settings.wrong(
        "closed-for", "30m or more on S3, where a put that a sink has signed may still arrive until then"));
  options.target_size = *target;
  options.closed_for = std::chrono::ceil<std::chrono::seconds>(*closed_for);
  if (settings.given("expire")) {
    STACK_TRY_ASSIGN(age, settings.duration("expire"));
    if (*age < std::chrono::days{1}) return std::unexpected(settings.wrong("expire", "a time of 1d or more"));
    options.expire = std::chrono::floor<std::chrono::days>(*age);
  }
  options.dry_run = settings.flag("dry-run");
  return options;
}

std::string describe(const lake::CompactedTable& table, bool dry_run) {
  std::string text =
      fmt::format("{}: {} of {} files {} merged into {}, {} files now", table.table, with_commas(table.inputs),
                  with_commas(table.files_before), dry_run ? "would be" : "were", with_commas(table.merged),
                  with_commas(dry_run ? table.files_before : table.files_after));
  if (table.expired_files > 0)
    text += fmt::format("; {} files of {} expired partitions {} removed", with_commas(table.expired_files),
                        with_commas(table.expired_partitions), dry_run ? "would be" : "were");
  if (table.waiting > 0) text += fmt::format("; {} small files are too new (--closed-for)", with_commas(table.waiting));
  if (table.finished > 0) text += fmt::format("; {} merges begun earlier were finished", table.finished);
  return text;
}

std::string json_of(const lake::CompactedTable& table) {
  return JsonObject{}
      .text("table", table.table)
      .number("files_before", table.files_before)
      .number("files_after", table.files_after)
      .number("merged", table.merged)
      .number("inputs", table.inputs)
      .number("bytes", table.bytes)
      .number("finished", table.finished)
      .number("expired_partitions", table.expired_partitions)
      .number("expired_files", table.expired_files)
      .number("waiting", table.waiting)
      .str();
}

}  // namespace

Result<int> compact_command(Context& context) {
  Progress progress{context.settings};
  STACK_TRY_ASSIGN(uri, existing_lake_uri(context.settings));
  STACK_TRY_ASSIGN(store, open_lake(context.settings, uri, LakeUse::read, context.clock));
  STACK_TRY_ASSIGN(options, options_of(context.settings, *store));
  lake::CompactionProgress counts;
  progress.start([&] {
    return fmt::format("compact: {} files merged into {}", with_commas(counts.inputs), with_commas(counts.merged));
  });
  auto tables = lake::compact(options, *store, context.stop, counts);
  progress.stop();
  if (!tables) return std::unexpected(std::move(tables).error());
  if (tables->empty()) progress.say(fmt::format("no sink has written to {} yet", store->uri()));
  std::string list;
  for (const auto& table : *tables) {
    progress.say(describe(table, options.dry_run));
    list += (list.empty() ? "" : ",") + json_of(table);
  }
  if (context.settings.flag("json"))
    fmt::print("{}\n", JsonObject{}
                           .text("lake", store->uri())
                           .number("dry_run", options.dry_run)
                           .raw("tables", fmt::format("[{}]", list))
                           .str());
  return 0;
}

}  // namespace stack::app
