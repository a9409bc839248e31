// stack verify: the audit.
#include "lake/verify.hpp"

#include <fmt/format.h>

#include "app/broker_lease.hpp"
#include "app/command.hpp"
#include "app/json_object.hpp"
#include "app/lake_location.hpp"
#include "app/names.hpp"
#include "app/progress.hpp"

namespace stack::app {

Result<int> verify_command(Context& context) {
  const auto started = context.clock.steady();
  Progress progress{context.settings};
  STACK_TRY(check_topic(context.settings));
  STACK_TRY(check_table(context.settings));
  const lake::VerifyOptions options{.topic = context.settings.text("topic"), .table = context.settings.text("table")};
  STACK_TRY_ASSIGN(uri, lake_of_topic(context.settings, options.table, options.topic, progress));
  STACK_TRY_ASSIGN(store, open_lake(context.settings, uri, LakeUse::read, context.clock, &context.stop));
  STACK_TRY_ASSIGN(lease, BrokerLease::take(context, progress, IfDown::start));
  lake::VerifyProgress counts;
  progress.start([&] {
    return fmt::format("verify: {} records of the topic, {} rows of the lake", with_commas(counts.records),
                       with_commas(counts.rows));
  });
  auto result = lake::verify(options, lease.connection(), *store, context.stop, counts);
  progress.stop();
  if (!result) return std::unexpected(std::move(result).error());

  for (const auto& message : result->messages) progress.say(message);
  if (result->unfinished > 0)
    progress.say(fmt::format("{} records are not in the lake yet: a sink that goes on will land them",
                             with_commas(result->unfinished)));
  const double seconds = std::chrono::duration<double>(context.clock.steady() - started).count();
  if (context.settings.flag("json")) {
    fmt::print("{}\n", JsonObject{}
                           .text("topic", options.topic)
                           .text("lake", store->uri())
                           .text("table", options.table)
                           .number("lost", result->lost)
                           .number("duplicated", result->duplicated)
                           .number("records", result->records)
                           .number("rows", result->rows)
                           .number("dead_letters", result->dead_letters)
                           .number("unfinished", result->unfinished)
                           .number("cut_off", result->cut_off)
                           .number("ranges", result->ranges)
                           .number("symbols", result->symbols)
                           .number("missing_sequences", result->missing_sequences)
                           .number("duplicated_sequences", result->duplicated_sequences)
                           .seconds("seconds", seconds)
                           .str());
  } else {
    fmt::print("lost {}\nduplicated {}\n", result->lost, result->duplicated);
    fmt::print("records {}, rows {}, dead letters {}, ranges {}, symbols {}\n", result->records, result->rows,
               result->dead_letters, result->ranges, result->symbols);
  }
  return result->clean() ? 0 : static_cast<int>(ErrorKind::failed);
}

}  // namespace stack::app
