// stack run: the whole pipeline. Producer and sink work at once; when the producer is done the sink drains, then the
// lake is crawled, audited and asked.
#include <fmt/format.h>

#include <future>
#include <optional>

#include "app/broker_lease.hpp"
#include "app/command.hpp"
#include "app/engine_settings.hpp"
#include "app/feed_control.hpp"
#include "app/feed_settings.hpp"
#include "app/feed_status.hpp"
#include "app/lake_location.hpp"
#include "app/listening.hpp"
#include "app/metrics.hpp"
#include "app/metrics_pipeline.hpp"
#include "app/names.hpp"
#include "app/open_catalog.hpp"
#include "app/pace_settings.hpp"
#include "app/pause_signal.hpp"
#include "app/producer_settings.hpp"
#include "app/progress.hpp"
#include "app/run_record.hpp"
#include "app/run_summary.hpp"
#include "app/sink_settings.hpp"
#include "app/tables.hpp"
#include "kafka/resume.hpp"
#include "lake/resume_point.hpp"
#include "publish/feed_producer.hpp"

namespace stack::app {
namespace {

constexpr std::chrono::milliseconds kLook{20};
constexpr std::uint64_t kManyEvents = 5'000'000;  // from here on the answers take long enough to be announced

double seconds_since(std::chrono::steady_clock::time_point start, const Clock& clock) {
  return std::chrono::duration<double>(clock.steady() - start).count();
}

template <class T>
bool ready(const std::future<T>& future) {
  return future.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
}

// What the stages share while they run.
struct Pipeline {
  std::shared_ptr<const market::FeedPlan> plan;
  publish::FeedProducerOptions producer_options;
  lake::SinkOptions sink_options;
  kafka::TopicFacts topic;
  std::unique_ptr<lake::ObjectStore> store;
  std::unique_ptr<catalog::Catalog> catalog;

  StopFlag stop_producer;
  StopFlag stop_sink;
  StopFlag drain_sink;
  publish::FeedProgress produced;
  lake::SinkProgress landed;
};

std::string live_line(const Pipeline& pipeline, double seconds) {
  const std::uint64_t position = pipeline.produced.reached;
  const auto total = pipeline.plan->total_events();
  // Short enough for a terminal of 80 columns, the most telling first.
  return fmt::format("{}: {} of {} sent ({}), {} landed, lag {}, {} files{}",
                     pipeline.drain_sink.requested() ? "landing" : "running", human_count(position), human_count(total),
                     human_rate(static_cast<double>(pipeline.produced.sent) / std::max(seconds, 1e-3)),
                     human_count(pipeline.landed.landed),
                     with_commas(static_cast<std::uint64_t>(std::max<std::int64_t>(pipeline.landed.lag, 0))),
                     with_commas(pipeline.landed.files), pipeline.landed.paused ? ", sink at its memory budget" : "");
}

Progress::Figures live_figures(const Pipeline& pipeline) {
  return {{"sent", pipeline.produced.sent},
          {"committed", pipeline.produced.committed},
          {"landed", pipeline.landed.landed},
          {"dead_letters", pipeline.landed.dead_letters},
          {"files", pipeline.landed.files},
          {"lag", static_cast<std::uint64_t>(pipeline.landed.lag.load())},
          {"paused", pipeline.landed.paused ? 1U : 0U}};
}

void watch(const Pipeline& pipeline, const Clock& clock, Metrics& metrics) {
  metrics.add([&pipeline](telemetry::Exposition& exposition) {
    add_producer_metrics(pipeline.produced, exposition);
    add_sink_metrics(pipeline.landed, pipeline.topic.name, exposition);
  });
  metrics.add_check([&] { return sink_trouble(pipeline.landed, clock.now()); });
}

// Produces and lands at once. The sink always drains, also after Ctrl-C and after a producer's error: what was produced
// is in the lake when this returns, unless the sink itself fails.
Result<void> produce_and_land(const Context& context, Pipeline& pipeline, const kafka::Connection& connection,
                              kafka::Admin& admin, RunSummary& summary) {
  const auto started = context.clock.steady();
  auto producer = std::async(std::launch::async, [&] {
    return publish::produce_feed(pipeline.plan, pipeline.producer_options, connection, admin, pipeline.topic,
                                 context.clock, pipeline.stop_producer, pipeline.produced);
  });
  auto sink = std::async(std::launch::async, [&] {
    return lake::run_sink(pipeline.sink_options, connection, *pipeline.store, context.clock, pipeline.stop_sink,
                          pipeline.landed);
  });
  while (!ready(producer)) {
    producer.wait_for(kLook);
    if (context.stop.requested() || ready(sink)) pipeline.stop_producer.request();
  }
  auto complete = producer.get();
  summary.produce_seconds = seconds_since(started, context.clock);
  pipeline.drain_sink.request();
  auto landed = sink.get();
  summary.land_seconds = seconds_since(started, context.clock);
  if (!landed) return std::unexpected(std::move(landed).error());
  if (!complete) return std::unexpected(std::move(complete).error());
  summary.sink = *landed;
  summary.stopped = !*complete;
  summary.produced = pipeline.produced.committed;
  summary.resumed_at = pipeline.produced.resumed_at;
  return {};
}

Result<void> crawl_and_audit(const Pipeline& pipeline, const kafka::Connection& connection, const Clock& clock,
                             const catalog::CrawlOptions& options, Progress& progress, RunSummary& summary) {
  // Not the user's stop flag: after Ctrl-C, too, what was landed is catalogued and verified.
  const StopFlag none;
  progress.start([] { return std::string{"crawling the lake"}; });
  STACK_TRY(write_side_tables(*pipeline.plan, pipeline.sink_options.table, *pipeline.store));
  STACK_TRY_ASSIGN(crawled, catalog::crawl(*pipeline.store, *pipeline.catalog, options, clock, none));
  for (const auto& conflict : crawled.conflicts) progress.warn(conflict);
  if (!crawled.conflicts.empty())
    return fail(ErrorKind::conflict,
                "the lake has what was landed, but not all of its tables could be registered; see "
                "the warnings above");
  for (const auto& table : crawled.tables)
    for (const auto& file : table.unreadable) progress.warn(file.reason);
  summary.crawl = std::move(crawled);
  summary.injected = market::injected_faults(pipeline.plan, summary.produced);
  lake::VerifyProgress counts;
  progress.start([&] {
    return fmt::format("verifying: {} records of the topic, {} rows of the lake", with_commas(counts.records),
                       with_commas(counts.rows));
  });
  auto audit = lake::verify({.topic = pipeline.topic.name,
                             .table = pipeline.sink_options.table,
                             .absent = summary.injected.malformed + summary.injected.under_way,
                             .copies = summary.injected.duplicated},
                            connection, *pipeline.store, none, counts);
  progress.stop();
  if (!audit) return std::unexpected(std::move(audit).error());
  summary.audit = *std::move(audit);
  return {};
}

// What a model's bars are made from, between their number and the data set's name.
std::string made_from(const market::FeedPlan& plan) {
  if (!market::is_model(plan.options().mode)) return {};
  return fmt::format(" that {} made from {}", market::mode_name(plan.options().mode),
                     with_commas(plan.history().bar_count));
}

int exit_code(const RunSummary& summary) {
  if (!summary.exactly_once()) return static_cast<int>(ErrorKind::failed);
  return summary.stopped ? static_cast<int>(ErrorKind::interrupted) : 0;
}

}  // namespace

Result<int> run_command(Context& context) {
  const auto started = context.clock.steady();
  publish::PaceControl control;
  const PauseSignal pause_signal{control};
  Progress progress{context.settings};
  Pipeline pipeline;
  STACK_TRY_ASSIGN(metrics, Metrics::open(context.settings, progress));
  // What can be wrong with the options is said before the data set is read.
  STACK_TRY_ASSIGN(pace, parse_pace(context.settings, context.clock));
  STACK_TRY_ASSIGN(threads, feed_threads(context.settings));
  STACK_TRY_ASSIGN(sink_terms, sink_options(context.settings, context.settings.text("topic")));
  STACK_TRY_ASSIGN(partitioner, parse_partitioner(context.settings));
  STACK_TRY_ASSIGN(headers, parse_header_placement(context.settings, pace));
  STACK_TRY_ASSIGN(wanted, new_topic(context.settings, context.settings.text("topic")));
  STACK_TRY_ASSIGN(place, lake_uri(context.settings, std::string{kLakesFolder}));
  STACK_TRY(check_catalog_of(context.settings, place));
  STACK_TRY_ASSIGN(plan, plan_feed(context, progress));
  pipeline.plan = plan;
  if (plan->total_events() == market::kUnlimited)
    return fail(ErrorKind::usage, fmt::format("{} goes on for ever: say how many events with --limit",
                                              plan->options().loop ? "--loop" : "--mode sample"));
  STACK_TRY_ASSIGN(timestamps, parse_timestamps(context.settings, *plan));
  pipeline.producer_options = {.pace = pace,
                               .timestamps = timestamps,
                               .threads = threads,
                               .partitioner = partitioner,
                               .shard = {},
                               .headers = headers,
                               .control = &control,
                               .on_steered = [&](const std::string& line) { progress.say(line); }};
  const auto topic_name =
      context.settings.given("topic") ? context.settings.text("topic") : fmt::format("stock-events-{}", plan->id());
  wanted.name = topic_name;
  pipeline.sink_options = std::move(sink_terms);
  pipeline.sink_options.topic = topic_name;
  pipeline.sink_options.expected_feed = plan->id();
  pipeline.sink_options.drain = &pipeline.drain_sink;
  STACK_TRY_ASSIGN(uri, lake_uri(context.settings, fmt::format("{}/{}", kLakesFolder, plan->id())));
  STACK_TRY_ASSIGN(asking, engine_options(context.settings, uri));

  STACK_TRY_ASSIGN(data, data_path(context));
  RunSummary summary;
  summary.plan = plan.get();
  summary.data = data;
  summary.topic = topic_name;
  summary.lake = uri;
  summary.table = pipeline.sink_options.table;
  progress.say(fmt::format("feed {}: {} events, about {}, from {} bars{} of {}", plan->id(),
                           with_commas(plan->total_events()),
                           human_bytes(static_cast<double>(plan->estimated_bytes(market::Encoding::ndjson))),
                           with_commas(plan->selection().bar_count), made_from(*plan), data));
  control.change(pace.tempo);
  FeedControl remote{*plan, pipeline.produced, control, context.stop};
  STACK_TRY_ASSIGN(listener, open_listener(context.settings, "control", progress,
                                           [&](const http::Request& request) { return remote.answer(request); }));
  STACK_TRY_ASSIGN(lease, BrokerLease::take(context, progress, IfDown::start));
  const auto connection = metrics->watched(lease.connection());
  STACK_TRY_ASSIGN(admin, kafka::Admin::connect(connection, &context.stop));
  // Topic and table must both be free for this feed before either is touched.
  STACK_TRY_ASSIGN(found, admin.topic(topic_name));
  if (found)
    STACK_TRY(kafka::check_holds_feed(connection, admin, *found,
                                      publish::feed_on_topic(*plan, pipeline.producer_options, *found), &context.stop));
  STACK_TRY_ASSIGN(store, open_lake(context.settings, uri, LakeUse::write, context.clock));
  warn_of_single_writer(context.settings, uri, progress);
  pipeline.store = std::move(store);
  STACK_TRY_ASSIGN(catalog, open_catalog(context.settings, *pipeline.store, context.clock));
  pipeline.catalog = std::move(catalog);
  STACK_TRY(check_format(context.settings, pipeline.sink_options, *pipeline.store));
  STACK_TRY_ASSIGN(held, lake::feed_of_table(*pipeline.store, pipeline.sink_options.table));
  if (!held.empty() && held != plan->id()) return lake::other_feed(pipeline.sink_options.table, held, plan->id());
  STACK_TRY_ASSIGN(topic,
                   ensure_feed_topic(context.settings, admin, std::move(wanted),
                                     publish::record_times(timestamps, *plan, context.clock), progress, context.stop));
  // A topic of the feed's own name is a run's, also where an earlier one was killed before it could say so.
  const bool made_topic = !found || !context.settings.given("topic");
  STACK_TRY(record_run({plan->id(), topic.name, topic.id, made_topic}, *pipeline.store));
  pipeline.topic = topic;
  summary.partitions = topic.partitions;
  progress.about("feed", plan->id());
  progress.about("topic", topic.name);
  watch(pipeline, context.clock, *metrics);
  progress.say(fmt::format("topic {} at {} ({} partitions), lake {}", topic.name, lease.connection().bootstrap_servers,
                           topic.partitions, uri));

  say_start(pace, context.clock, progress);
  const auto flowing = context.clock.steady();
  progress.start(
      [&] {
        return live_line(pipeline, seconds_since(flowing, context.clock)) +
               state_note(pipeline.produced, pace, context.clock);
      },
      [&] { return live_figures(pipeline); });
  auto landed = produce_and_land(context, pipeline, connection, admin, summary);
  progress.stop();
  if (!landed) return std::unexpected(std::move(landed).error());
  say_delays(pipeline.produced, progress);
  if (summary.stopped) progress.say("stopped; what was produced is in the lake, verifying");
  STACK_TRY(
      crawl_and_audit(pipeline, connection, context.clock,
                      {.database = context.settings.text("database"), .projection = projection_of(context.settings)},
                      progress, summary));
  summary.seconds = seconds_since(started, context.clock);

  const StopFlag none;
  if (plan->total_events() > kManyEvents) progress.say("asking the lake a few questions");
  if (context.settings.flag("json")) {
    STACK_TRY_ASSIGN(json, summary_json(summary, *pipeline.store, *pipeline.catalog, asking, none));
    std::fputs((json + "\n").c_str(), stdout);  // does not throw: a reader that has gone leaves the verdict as it is
  } else {
    STACK_TRY(print_summary(summary, *pipeline.store, *pipeline.catalog, asking, none));
  }
  if (!summary.exactly_once())
    return fail(ErrorKind::failed,
                fmt::format("produced {}, landed {}, lost {}, duplicated {}: see the messages above", summary.produced,
                            summary.audit.rows, summary.audit.lost, summary.audit.duplicated));
  if (summary.stopped) progress.say("stopped before the feed's end; the same command goes on from here");
  return exit_code(summary);
}

}  // namespace stack::app
