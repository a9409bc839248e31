// stack produce: a feed onto a Kafka topic.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "app/broker_lease.hpp"
#include "app/command.hpp"
#include "app/feed_control.hpp"
#include "app/feed_settings.hpp"
#include "app/feed_status.hpp"
#include "app/injected_faults.hpp"
#include "app/json_object.hpp"
#include "app/listening.hpp"
#include "app/metrics.hpp"
#include "app/metrics_pipeline.hpp"
#include "app/names.hpp"
#include "app/pace_settings.hpp"
#include "app/pause_signal.hpp"
#include "app/producer_settings.hpp"
#include "app/progress.hpp"
#include "app/service_notice.hpp"
#include "publish/feed_producer.hpp"

namespace stack::app {
namespace {

constexpr std::uint32_t kDefaultSessions = 5;

Result<void> set_defaults(Settings& settings) {
  STACK_TRY_ASSIGN(mode, market::parse_mode(settings.text("mode")));
  const bool range =
      market::is_model(mode) ? settings.given("sessions") : settings.given("from") || settings.given("to");
  if (mode == market::Mode::sample) {
    if (!settings.given("speed")) settings.set_default("rate", "1");
  } else if (!range && !settings.given("limit")) {
    settings.set_default("speed", "60x");
  }
  return {};
}

// How long the feed will take, where that is known and no matter of the machine.
std::string playing_time(const publish::Pace& pace, const market::FeedPlan& plan) {
  const auto& tempo = pace.tempo;
  if (tempo.unlimited() || plan.total_events() == market::kUnlimited ||
      (tempo.speed && (plan.replay() == nullptr || plan.options().limit)))
    return {};
  double seconds = 0;
  if (tempo.rate) {
    seconds = static_cast<double>(plan.total_events()) / *tempo.rate;
  } else {
    const auto hours = publish::OpenHours::of(plan);
    seconds = static_cast<double>(pace.keep_gaps ? hours.span() : hours.total()) / 1e6 / *tempo.speed;
  }
  if (seconds < 120) return fmt::format("; takes about {:.0f} s", seconds);
  if (seconds < 7200) return fmt::format("; takes about {:.0f} min", std::ceil(seconds / 60));
  if (seconds < 2 * 86'400) return fmt::format("; takes about {:.1f} h", seconds / 3600);
  return fmt::format("; takes about {:.0f} days", std::ceil(seconds / 86'400));
}

// Since the first event was sent: what comes before, or waits for --start-at, is no matter of the feed's rate.
double playing_seconds(const publish::FeedProgress& counts, const Clock& clock) {
  const auto now = std::chrono::duration<double>(clock.steady().time_since_epoch()).count();
  const std::int64_t first = counts.first_sent_us;
  return first == 0 ? 1 : std::max(now - static_cast<double>(first) / 1e6, 1e-3);
}

// What is said of a shard without a symbol.
std::string nothing_to_send(const kafka::Shard& shard, std::size_t symbols) {
  return fmt::format("--shard {}: the feed has {} symbols, so this shard has none and sends nothing", shard.text(),
                     symbols);
}

// Of the events, where the feed is in shards.
std::string part_of(const kafka::Shard& shard) {
  return shard.count == 1 ? std::string{} : fmt::format(", of which those of shard {}", shard.text());
}

}  // namespace

Result<int> produce_command(Context& context) {
  const auto started = context.clock.steady();
  publish::PaceControl control;
  const PauseSignal pause_signal{control};
  STACK_TRY(set_defaults(context.settings));
  publish::FeedProgress counts;
  Progress progress{context.settings};
  STACK_TRY_ASSIGN(metrics, Metrics::open(context.settings, progress));
  metrics->add([&counts](telemetry::Exposition& exposition) { add_producer_metrics(counts, exposition); });
  STACK_TRY(check_topic(context.settings));
  STACK_TRY_ASSIGN(wanted, new_topic(context.settings, context.settings.text("topic")));
  STACK_TRY_ASSIGN(pace, parse_pace(context.settings, context.clock));
  STACK_TRY_ASSIGN(threads, feed_threads(context.settings));
  STACK_TRY_ASSIGN(partitioner, parse_partitioner(context.settings));
  STACK_TRY_ASSIGN(headers, parse_header_placement(context.settings, pace));
  STACK_TRY_ASSIGN(shard, parse_shard(context.settings));
  const bool sampled = context.settings.text("mode") == "sample";
  STACK_TRY_ASSIGN(plan, plan_feed(context, progress, sampled ? 0 : kDefaultSessions));
  STACK_TRY_ASSIGN(timestamps, parse_timestamps(context.settings, *plan));
  if (shard.number > plan->symbols().size()) progress.warn(nothing_to_send(shard, plan->symbols().size()));
  control.change(pace.tempo);
  FeedControl remote{*plan, counts, control, context.stop};
  STACK_TRY_ASSIGN(listener, open_listener(context.settings, "control", progress,
                                           [&](const http::Request& request) { return remote.answer(request); }));
  STACK_TRY_ASSIGN(lease, BrokerLease::take(context, progress, IfDown::refuse));
  const auto connection = metrics->watched(lease.connection());
  STACK_TRY_ASSIGN(admin, kafka::Admin::connect(connection, &context.stop));
  STACK_TRY_ASSIGN(topic,
                   ensure_feed_topic(context.settings, admin, std::move(wanted),
                                     publish::record_times(timestamps, *plan, context.clock), progress, context.stop));

  progress.about("feed", plan->id());
  progress.about("topic", topic.name);
  const bool endless = plan->total_events() == market::kUnlimited;
  progress.say(fmt::format("feed {}: {} events{} to topic {} ({} partitions) at {}{}", plan->id(),
                           endless ? "endless" : with_commas(plan->total_events()), part_of(shard), topic.name,
                           topic.partitions, lease.connection().bootstrap_servers, playing_time(pace, *plan)));
  say_start(pace, context.clock, progress);
  const auto status = [&] {
    const double seconds = playing_seconds(counts, context.clock);
    return fmt::format("produce: {} sent, {} committed, {}{}", with_commas(counts.sent), with_commas(counts.committed),
                       human_rate(static_cast<double>(counts.sent) / seconds), state_note(counts, pace, context.clock));
  };
  STACK_TRY_ASSIGN(notice, ServiceNotice::open([&] { return counts.state != publish::FeedState::connecting; }, status,
                                               context.stop));
  progress.start(status, [&] {
    return Progress::Figures{{"sent", counts.sent}, {"committed", counts.committed}, {"bytes", counts.bytes}};
  });
  const publish::FeedProducerOptions options{.pace = pace,
                                             .timestamps = timestamps,
                                             .threads = threads,
                                             .partitioner = partitioner,
                                             .shard = shard,
                                             .headers = headers,
                                             .control = &control,
                                             .on_steered = [&](const std::string& line) { progress.say(line); }};
  auto complete = publish::produce_feed(plan, options, connection, admin, topic, context.clock, context.stop, counts);
  progress.stop();
  if (!complete) return std::unexpected(std::move(complete).error());

  const double seconds = std::chrono::duration<double>(context.clock.steady() - started).count();
  if (counts.resumed_at > 0)
    progress.say(shard.count == 1 ? fmt::format("{} events were there already", with_commas(counts.resumed_at))
                                  : fmt::format("went on at position {} of the feed", with_commas(counts.resumed_at)));
  progress.say(
      fmt::format("{} events produced in {:.1f} s ({}){}", with_commas(counts.committed_events), seconds,
                  human_rate(static_cast<double>(counts.committed_events) / playing_seconds(counts, context.clock)),
                  *complete ? "" : "; stopped: the same command goes on from here"));
  say_delays(counts, progress);
  if (context.settings.flag("json")) {
    JsonObject object;
    object.text("feed", plan->id())
        .text("topic", topic.name)
        .text("shard", shard.text())
        .number("produced", counts.committed_events.load())
        .number("resumed_at", counts.resumed_at.load())
        .number("committed", counts.committed.load())
        .number("bytes", counts.bytes.load());
    add_delays(counts, object);
    if (plan->options().shaper)
      object.raw("injected", faults_json(market::injected_faults(plan, counts.committed.load())));
    fmt::print("{}\n", object.number("complete", *complete).seconds("seconds", seconds).str());
  }
  return *complete ? 0 : static_cast<int>(ErrorKind::interrupted);
}

}  // namespace stack::app
