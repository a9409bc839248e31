#include "lake/sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "lake/sink_run.hpp"
#include "lake/sink_slot.hpp"

namespace stack::lake {
namespace {

constexpr std::uint64_t kParquetMemory = 128ULL << 20;  // of DuckDB, whose JSON reader alone takes 32 MiB

std::uint64_t fnv1a(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return (hash ^ 0xffU) * 0x100000001b3ULL;  // "ab","c" is not "a","bc"
}

std::filesystem::path scratch_parent(const SinkOptions& options, const ObjectStore& store) {
  if (!options.scratch.empty()) return options.scratch;
  if (auto local = store.local_path("_stack/tmp")) return *local;
  return std::filesystem::temp_directory_path();
}

std::size_t writer_threads(const SinkOptions& options, const ObjectStore& store) {
  // Compression and waiting for a store's answers are worth a thread a core; copying bytes to a disk and sorting within
  // one memory limit are not.
  const bool remote = !store.local_path("_stack");
  const bool shared = options.format == FileFormat::ndjson && (remote || options.compression != Compression::none);
  return shared ? std::clamp(std::thread::hardware_concurrency(), 1U, 8U) : 1;
}

Result<void> check(const SinkOptions& options) {
  STACK_TRY(check_topic_name(options.topic));
  STACK_TRY(check_table_name(options.table));
  if (!options.dlq_topic.empty()) STACK_TRY(check_topic_name(options.dlq_topic));
  if (options.memory_budget < (8ULL << 20)) {
    return fail(ErrorKind::usage, fmt::format("a memory budget of {} bytes is less than 8 MiB", options.memory_budget));
  }
  return {};
}

SinkSummary summary_of(const SinkProgress& progress, bool reached_end, std::chrono::duration<double> seconds) {
  return {.events = progress.events,
          .bytes = progress.bytes,
          .landed = progress.landed,
          .dead_letters = progress.dead_letters,
          .files = progress.files,
          .claims = progress.claims,
          .adopted = progress.adopted,
          .rebalances = progress.assignments + progress.revocations,
          .has_end = false,
          .reached_end = reached_end,
          .seconds = seconds};
}

}  // namespace

std::string consumer_group(std::string_view topic, std::string_view lake_uri, std::string_view table) {
  const std::uint64_t hash = fnv1a(fnv1a(fnv1a(0xcbf29ce484222325ULL, topic), lake_uri), table);
  return fmt::format("stack-{}-{:016x}", topic.substr(0, 128), hash);
}

namespace {

// A member whose session ended while the broker was away comes back under a new id; a request still under way with the
// old one then counts as a rival's, and librdkafka gives the client up. A new client goes on from the claims, as a new
// process would. A real rival under the same name is met again each time, and ends this sink.
constexpr int kMostRejoins = 5;

// What is known of topic and table before the first record.
struct TableState {
  TopicIdentity identity;
  std::string feed;
  std::optional<TopicBounds> bounds;
};

struct Landing {
  Result<bool> reached_end;
  bool fenced;
};

Result<Landing> land(const SinkOptions& options, const kafka::Connection& connection, kafka::Admin& admin,
                     const kafka::TopicFacts& topic, const TableState& table, ObjectStore& store, const Clock& clock,
                     const StopFlag& stop, SinkProgress& progress) {
  // Also when NDJSON is asked for: a claim to be finished may be one of Parquet.
  STACK_TRY_ASSIGN(scratch, ScratchFolder::make(scratch_parent(options, store)));
  std::unique_ptr<DeadLetterCopy> copies;
  if (!options.dlq_topic.empty()) {
    STACK_TRY_ASSIGN(opened, DeadLetterCopy::open(connection, options.dlq_topic, options.topic, stop));
    copies = std::move(opened);
  }
  STACK_TRY_ASSIGN(guard, TopicGuard::open(connection, topic, stop));
  BlockPool pool(options.memory_budget / 4 * 3);
  RangeWriter writer(store, pool, progress, scratch.get(), kParquetMemory, writer_threads(options, store), clock,
                     {.dead_letter_copy = copies.get(), .landed = options.on_landed, .topic = guard.get()});
  progress.buffer_limit = pool.limit();
  SinkContext context{options, store, pool, writer, progress, table.identity, table.feed, table.bounds, copies.get()};

  const std::string group = consumer_group(options.topic, store.uri(), options.table);
  const SinkSlot slot = SinkSlot::take(group, options.slot);
  // A static member that comes back is given what it had, without a look at the topic: were its name the same after the
  // topic grew, the new partitions would be nobody's.
  const std::string instance = fmt::format("{}-of-{}", slot.instance_id(), topic.partitions);
  SinkRun run(context, connection, admin, topic, *guard, clock, stop);
  STACK_TRY_ASSIGN(consumer, kafka::Consumer::join(connection, options.topic, {.group = group, .instance = instance},
                                                   {.queue_bytes = options.memory_budget / 4}, run));
  auto reached_end = run.consume(*consumer);
  const bool fenced = consumer->fenced();
  consumer->close();
  return Landing{std::move(reached_end), fenced};
}

}  // namespace

Result<SinkSummary> run_sink(const SinkOptions& options, const kafka::Connection& connection, ObjectStore& store,
                             const Clock& clock, const StopFlag& stop, SinkProgress& progress) {
  STACK_TRY(check(options));
  const auto started = clock.steady();
  STACK_TRY_ASSIGN(admin, kafka::Admin::connect(connection, &stop));
  STACK_TRY_ASSIGN(topic, admin.existing_topic(options.topic));
  STACK_TRY_ASSIGN(feed, feed_of_table(store, options.table));
  if (!options.expected_feed.empty()) {
    if (!feed.empty() && feed != options.expected_feed) return other_feed(options.table, feed, options.expected_feed);
    feed = options.expected_feed;
  }
  STACK_TRY_ASSIGN(cluster_id, admin.cluster_id());
  TableState table{{std::move(cluster_id), topic.id}, std::move(feed), {}};
  STACK_TRY_ASSIGN(bounds,
                   settle_bounds(store, admin, topic, table.identity, options.table, options.bounds, clock.now()));
  table.bounds = std::move(bounds);
  const bool has_end = options.until_end || (table.bounds && table.bounds->has_end());
  STACK_TRY(store.sweep_stale_uploads());
  progress.connected = true;
  for (int rejoins = 0;; ++rejoins) {
    const std::uint64_t claims_before = progress.claims;
    STACK_TRY_ASSIGN(landing, land(options, connection, admin, topic, table, store, clock, stop, progress));
    if (landing.reached_end) {
      SinkSummary summary = summary_of(progress, *landing.reached_end, clock.steady() - started);
      summary.has_end = has_end;
      return summary;
    }
    if (progress.claims != claims_before) rejoins = 0;  // it worked in between: not the same trouble again
    if (!landing.fenced || rejoins == kMostRejoins || stop.requested())
      return std::unexpected(std::move(landing.reached_end).error());
    ++progress.rejoins;
    if (connection.on_notice) connection.on_notice("the group took this sink for another; joining it again");
  }
}

}  // namespace stack::lake
