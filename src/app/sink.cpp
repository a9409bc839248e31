// stack sink: a Kafka topic into a table of the lake, exactly once.
#include "lake/sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "app/broker_lease.hpp"
#include "app/command.hpp"
#include "app/json_object.hpp"
#include "app/lake_location.hpp"
#include "app/metrics.hpp"
#include "app/metrics_pipeline.hpp"
#include "app/names.hpp"
#include "app/progress.hpp"
#include "app/s3_lake.hpp"
#include "app/service_notice.hpp"
#include "app/sink_settings.hpp"
#include "catalog/lake_catalog.hpp"
#include "catalog/registrar.hpp"

namespace stack::app {
namespace {

constexpr Milliseconds kRegistering{3'000};  // that the end waits for the catalog

}  // namespace

Result<int> sink_command(Context& context) {
  lake::SinkProgress counts;
  Progress progress{context.settings};
  STACK_TRY_ASSIGN(metrics, Metrics::open(context.settings, progress));
  STACK_TRY_ASSIGN(options, sink_options(context.settings, context.settings.text("topic")));
  STACK_TRY_ASSIGN(bounds, bounds_request(context.settings));
  options.bounds = std::move(bounds);
  options.dlq_topic = context.settings.text("dlq-topic");
  STACK_TRY(context.settings.choice("catalog", {"lake"}));
  STACK_TRY(check_database(context.settings));
  STACK_TRY_ASSIGN(uri, lake_uri(context.settings, fmt::format("{}/{}", kLakesFolder, options.topic)));
  STACK_TRY_ASSIGN(store, open_lake(context.settings, uri, LakeUse::write, context.clock));
  warn_of_single_writer(context.settings, uri, progress);
  STACK_TRY(check_format(context.settings, options, *store));
  STACK_TRY_ASSIGN(lease, BrokerLease::take(context, progress, IfDown::refuse));
  progress.say(fmt::format("sink: topic {} at {} to {}/{}", options.topic, lease.connection().bootstrap_servers,
                           store->uri(), options.table));
  progress.about("topic", options.topic);
  progress.about("table", options.table);
  metrics->add([&counts, topic = options.topic](telemetry::Exposition& exposition) {
    add_sink_metrics(counts, topic, exposition);
  });
  metrics->add_check([&] { return sink_trouble(counts, context.clock.now()); });
  const auto connection = metrics->watched(lease.connection());
  catalog::LakeCatalog catalog{*store};

  const auto line = [&] {
    return fmt::format("sink: {} read, {} landed in {} files, lag {}{}", with_commas(counts.events),
                       with_commas(counts.landed), with_commas(counts.files), counts.lag.load(),
                       counts.paused ? ", paused by --memory" : "");
  };
  STACK_TRY_ASSIGN(notice, ServiceNotice::open([&] { return counts.connected.load(); }, line, context.stop));
  progress.start(line, [&] {
    return Progress::Figures{{"read", counts.events},
                             {"landed", counts.landed},
                             {"dead_letters", counts.dead_letters},
                             {"files", counts.files},
                             {"lag", static_cast<std::uint64_t>(counts.lag.load())},
                             {"paused", counts.paused ? 1U : 0U}};
  });
  std::unique_ptr<catalog::Registrar> registrar;
  if (context.settings.flag("register")) {
    registrar = std::make_unique<catalog::Registrar>(*store, catalog, context.settings.text("database"), options.table,
                                                     [&](const std::string& text) { progress.warn(text); });
    options.on_landed = [&](lake::Landing landing) { registrar->landed(std::move(landing)); };
  }
  auto summary = lake::run_sink(options, connection, *store, context.clock, context.stop, counts);
  const auto registered = registrar ? registrar->finish(kRegistering) : catalog::Registrar::Summary{};
  progress.stop();
  if (registered.left > 0)
    progress.warn(fmt::format("{} files are not in the catalog: `stack crawl --lake {}` registers them",
                              with_commas(registered.left), store->uri()));
  if (!summary) return std::unexpected(std::move(summary).error());

  const double seconds = summary->seconds.count();
  progress.say(fmt::format("{} rows landed in {} files, {} dead letters, {:.1f} s ({})", with_commas(summary->landed),
                           with_commas(summary->files), with_commas(summary->dead_letters), seconds,
                           human_rate(static_cast<double>(summary->events) / std::max(seconds, 1e-9))));
  if (context.settings.flag("json")) {
    JsonObject json;
    json.text("topic", options.topic)
        .text("lake", store->uri())
        .text("table", options.table)
        .number("events", summary->events)
        .number("bytes", summary->bytes)
        .number("landed", summary->landed)
        .number("dead_letters", summary->dead_letters)
        .number("files", summary->files)
        .number("claims", summary->claims)
        .number("adopted", summary->adopted)
        .number("rebalances", summary->rebalances)
        .number("registered", registered.files)
        .number("reached_end", summary->reached_end)
        .seconds("seconds", seconds);
    if (const auto requests = s3_requests_json(*store); !requests.empty()) json.raw("s3_requests", requests);
    fmt::print("{}\n", json.str());
  }
  return summary->has_end && !summary->reached_end ? static_cast<int>(ErrorKind::interrupted) : 0;
}

}  // namespace stack::app
