// Consumes a topic from its beginning to its end as the sink does (read_committed, CRC checked, its fetch options) and
// parses every record with the sink's parser, but writes nothing.
//   build/bench/consume_bench <servers> <topic> [librdkafka property=value ...]
// Prints one JSON object: records, bytes, dead (records that are no rows), seconds from the start of the consumer to
// the last record.
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "kafka/admin.hpp"
#include "kafka/consumer.hpp"
#include "lake/record.hpp"
#include "lake/sink.hpp"

namespace {

using namespace stack;

struct Totals {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::uint64_t dead = 0;
  std::chrono::duration<double> seconds{0};
};

void take(const kafka::MessageBatch& batch, lake::RecordParser& parser, Totals& totals) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto message = batch[i];
    const auto parsed = parser.parse(message.value(), message.timestamp_ms(), true);
    totals.bytes += message.value().size();
    totals.dead += parsed.dead_reason != nullptr ? 1 : 0;
  }
  totals.records += batch.size();
}

Result<Totals> consume(const kafka::Connection& connection, const std::string& topic) {
  STACK_TRY_ASSIGN(admin, kafka::Admin::connect(connection));
  STACK_TRY_ASSIGN(facts, admin.existing_topic(topic));
  STACK_TRY_ASSIGN(ranges, admin.offsets(facts));
  std::vector<kafka::PartitionOffset> starts;
  for (const auto& range : ranges) starts.push_back({static_cast<std::int32_t>(starts.size()), range.start});
  const auto began = std::chrono::steady_clock::now();
  const kafka::FetchOptions as_the_sink{.queue_bytes = lake::SinkOptions{}.memory_budget / 4};
  STACK_TRY_ASSIGN(consumer, kafka::Consumer::assign(connection, topic, starts, as_the_sink));
  lake::RecordParser parser;
  Totals totals;
  for (std::size_t left = ranges.size(); left > 0;) {
    STACK_TRY_ASSIGN(batch, consumer->poll(Milliseconds{100}));
    take(batch, parser, totals);
    for (const auto& end : batch.ends()) {
      auto& goal = ranges[static_cast<std::size_t>(end.partition)].end;
      if (goal < 0 || end.offset < goal) continue;
      goal = -1;  // told of once
      --left;
    }
  }
  totals.seconds = std::chrono::steady_clock::now() - began;
  return totals;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "consume_bench <servers> <topic>\n");
    return 2;
  }
  const std::vector<std::string> texts(argv + 3, argv + argc);
  const auto properties = kafka::parse_properties(texts);
  if (!properties) {
    fmt::print(stderr, "{}\n", properties.error().message);
    return static_cast<int>(properties.error().kind);
  }
  const auto totals = consume({.bootstrap_servers = argv[1], .properties = *properties}, argv[2]);
  if (!totals) {
    fmt::print(stderr, "{}\n", totals.error().message);
    return static_cast<int>(totals.error().kind);
  }
  fmt::print("{{\"records\":{},\"bytes\":{},\"dead\":{},\"seconds\":{:.3f}}}\n", totals->records, totals->bytes,
             totals->dead, totals->seconds.count());
  return 0;
}
