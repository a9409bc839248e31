// stack topic create|describe.
#include <fmt/format.h>

#include "app/broker_lease.hpp"
#include "app/command.hpp"
#include "app/names.hpp"
#include "app/producer_settings.hpp"
#include "app/progress.hpp"
#include "kafka/admin.hpp"
#include "lake/lake_layout.hpp"
#include "publish/feed_producer.hpp"

namespace stack::app {
namespace {

void print_topic(const kafka::TopicFacts& topic, const std::vector<kafka::OffsetRange>& ranges, bool json) {
  if (json) {
    fmt::print("{{\"topic\":\"{}\",\"id\":\"{}\",\"partitions\":[", topic.name, topic.id);
    for (std::size_t i = 0; i < ranges.size(); ++i)
      fmt::print("{}{{\"partition\":{},\"start\":{},\"end\":{}}}", i == 0 ? "" : ",", i, ranges[i].start,
                 ranges[i].end);
    fmt::print("],\"replication\":{}}}\n", topic.replication);
    return;
  }
  fmt::print("topic {}, id {}, {} partitions, replication {}\n", topic.name, topic.id, topic.partitions,
             topic.replication);
  for (std::size_t i = 0; i < ranges.size(); ++i)
    fmt::print("  partition {}: offsets {} to {}\n", i, ranges[i].start, ranges[i].end);
}

}  // namespace

Result<int> topic_command(Context& context) {
  Progress progress{context.settings};
  const auto& action = context.arguments.front();
  if (action != "create" && action != "describe")
    return fail(ErrorKind::usage, fmt::format("topic: {} is none of create, describe", action));
  if (context.arguments.size() > 1) {
    STACK_TRY(lake::check_topic_name(context.arguments[1]));
  } else {
    STACK_TRY(check_topic(context.settings));
  }
  STACK_TRY_ASSIGN(wanted, new_topic(context.settings, context.arguments.size() > 1 ? context.arguments[1]
                                                                                    : context.settings.text("topic")));
  STACK_TRY_ASSIGN(lease, BrokerLease::take(context, progress, IfDown::refuse));
  STACK_TRY_ASSIGN(admin, kafka::Admin::connect(lease.connection(), &context.stop));
  if (action == "create") STACK_TRY(admin.ensure_topic(wanted, &context.stop));
  STACK_TRY_ASSIGN(topic, admin.existing_topic(wanted.name));
  STACK_TRY_ASSIGN(ranges, admin.offsets(topic));
  print_topic(topic, ranges, context.settings.flag("json"));
  return 0;
}

}  // namespace stack::app
