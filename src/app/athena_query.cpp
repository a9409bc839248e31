#include "app/athena_query.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

#include "app/aws_services.hpp"
#include "app/json_object.hpp"
#include "query/athena_history.hpp"

namespace stack::app {
namespace {

using query::AthenaExecution;
using std::chrono::minutes;

constexpr minutes kLongestReuse{7 * 24 * 60};
constexpr Milliseconds kPatienceToStop{2'000};

double seconds(Milliseconds time) { return std::chrono::duration<double>(time).count(); }

Result<std::optional<minutes>> reuse_age(const Settings& settings) {
  STACK_TRY_ASSIGN(age, settings.duration("reuse"));
  if (!age) return std::nullopt;
  const auto whole = std::chrono::duration_cast<minutes>(*age);
  if (whole != *age || whole < minutes{1} || whole > kLongestReuse)
    return std::unexpected(settings.wrong("reuse", "a time in whole minutes, from 1m to 168h"));
  return whole;
}

Result<std::string> output_location(const Settings& settings) {
  auto location = settings.text("output-location");
  if (!location.empty() && (!location.starts_with("s3://") || location.size() < 8))
    return std::unexpected(settings.wrong("output-location", "s3://BUCKET/PREFIX/"));
  return location;
}

// Stops queries, also after Ctrl-C. Who waits for that does not wait long.
Result<std::unique_ptr<aws::ServiceClient>> open_stopper(const Context& context) {
  STACK_TRY_ASSIGN(region, aws_region(context.settings));
  STACK_TRY_ASSIGN(credentials, aws_credentials(context.settings, region, context.clock));
  return aws::ServiceClient::open(
      aws::kAthena, {.region = std::move(region), .endpoint = {}, .patience = kPatienceToStop, .stop = nullptr},
      std::move(credentials), context.clock);
}

// As when standard output is a pipe into head, which has ended: the answer would be paid for and read by nobody.
bool reader_has_gone() {
  pollfd out{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
  return ::poll(&out, 1, 0) > 0 && (out.revents & POLLERR) != 0;
}

std::string line_of(const AthenaExecution& seen) {
  return fmt::format("athena: {}, {:.1f} s queued, {:.1f} s running, {} scanned", name_of(seen.state),
                     seconds(seen.queued), seconds(seen.engine), human_bytes(static_cast<double>(seen.bytes_scanned)));
}

}  // namespace

// What the live line shows: written by the thread that asks Athena, read by the one that draws.
struct AthenaQuery::Live {
  std::mutex mutex;
  std::string line;
};

Result<std::unique_ptr<AthenaQuery>> AthenaQuery::open(const Context& context, Progress& progress) {
  const Settings& settings = context.settings;
  query::AthenaOptions options{.database = settings.text("database"), .workgroup = settings.text("workgroup")};
  STACK_TRY_ASSIGN(location, output_location(settings));
  STACK_TRY_ASSIGN(age, reuse_age(settings));
  options.output_location = std::move(location);
  options.reuse_age = age;
  STACK_TRY_ASSIGN(client, open_service(aws::kAthena, settings, context.clock, &context.stop));
  STACK_TRY_ASSIGN(stopper, open_stopper(context));
  return std::unique_ptr<AthenaQuery>(
      new AthenaQuery(context, progress, std::move(client), std::move(stopper), std::move(options)));
}

AthenaQuery::AthenaQuery(const Context& context, Progress& progress, std::unique_ptr<aws::ServiceClient> client,
                         std::unique_ptr<aws::ServiceClient> stopper, query::AthenaOptions options)
    : context_(context),
      progress_(progress),
      client_(std::move(client)),
      stopper_(std::move(stopper)),
      workgroup_(options.workgroup),
      live_(std::make_shared<Live>()),
      engine_(*client_, *stopper_, std::move(options), context.stop,
              [this](const AthenaExecution& seen) { return watch(seen); }) {}

bool AthenaQuery::watch(const AthenaExecution& seen) {
  {
    const std::lock_guard lock{live_->mutex};
    live_->line = line_of(seen);
  }
  const bool ended = has_ended(seen.state);
  if (!ended && !std::exchange(shown_, true))
    progress_.start([live = live_] {
      const std::lock_guard lock{live->mutex};
      return live->line;
    });
  if (ended && std::exchange(shown_, false)) progress_.stop();
  return !reader_has_gone();
}

AnswerNotes AthenaQuery::notes() {
  return {.told = [this] { tell(); },
          .members =
              [this] {
                const AthenaExecution& last = engine_.last_execution();
                const std::string object = JsonObject{}
                                               .text("query_id", last.id)
                                               .number("bytes_scanned", last.bytes_scanned)
                                               .raw("cost_usd", query::cost_text(query::cost_usd(last)))
                                               .number("reused", last.reused)
                                               .seconds("queued_seconds", seconds(last.queued))
                                               .seconds("engine_seconds", seconds(last.engine))
                                               .str();
                return object.substr(1, object.size() - 2);
              }};
}

void AthenaQuery::tell() const {
  const AthenaExecution& last = engine_.last_execution();
  progress_.say(fmt::format("athena: {:.1f} s ({:.1f} s queued), {} scanned, ${}{} (query {})", seconds(last.total),
                            seconds(last.queued), human_bytes(static_cast<double>(last.bytes_scanned)),
                            query::cost_text(query::cost_usd(last)),
                            last.reused ? ", the result of an earlier query" : "", last.id));
}

Result<void> AthenaQuery::print_history(std::uint64_t most, const AnswerForm& form) {
  const auto started = context_.clock.steady();
  STACK_TRY_ASSIGN(executions, query::athena_history(*client_, workgroup_, most, context_.stop));
  return print_answer(*query::history_table(executions), form,
                      std::chrono::duration<double>(context_.clock.steady() - started).count());
}

Result<void> check_athena_options(const Settings& settings) {
  for (const char* option : {"workgroup", "output-location", "reuse", "history"})
    if (settings.on_command_line(option))
      return fail(ErrorKind::usage, fmt::format("--{} is of --engine athena, and the engine is duckdb", option));
  return {};
}

}  // namespace stack::app
