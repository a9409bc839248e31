#include "kafka/feed_topic.hpp"

#include <fmt/format.h>

namespace stack::kafka {
namespace {

constexpr const char* kLongest = "9223372036854775807";
constexpr const char* kBehind = "message.timestamp.before.max.ms";
constexpr const char* kAhead = "message.timestamp.after.max.ms";

std::string value_of(const TopicConfigs& configs, const std::string& name) {
  const auto found = configs.find(name);
  return found == configs.end() ? std::string{} : found->second;
}

std::unexpected<Error> unfit(const std::string& topic, const std::string& name, const std::string& found,
                             const std::string& why, const std::string& wanted) {
  return fail(ErrorKind::conflict,
              fmt::format("topic {} has {}={}: {}; set {}={} (kafka-configs --alter --topic {} --add-config {}={}), or "
                          "choose another --topic",
                          topic, name, found, why, name, wanted, topic, name, wanted));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> feed_topic_configs(RecordTimes times) {
  std::vector<std::pair<std::string, std::string>> configs = {
      {"cleanup.policy", "delete"}, {"retention.ms", "-1"}, {"retention.bytes", "-1"}};
  if (times != RecordTimes::sent) configs.emplace_back("segment.ms", kLongest);
  if (times == RecordTimes::event_to_come) configs.emplace_back(kAhead, kLongest);
  return configs;
}

Result<void> check_feed_topic(const std::string& topic, const TopicConfigs& configs, RecordTimes times) {
  if (const auto policy = value_of(configs, "cleanup.policy"); policy.find("compact") != std::string::npos)
    return unfit(topic, "cleanup.policy", policy, "compaction keeps only the last event of a symbol", "delete");
  if (times == RecordTimes::sent) return {};
  const std::string by_event = "with --timestamps event Kafka would ";
  if (const auto type = value_of(configs, "message.timestamp.type"); type == "LogAppendTime")
    return unfit(topic, "message.timestamp.type", type, by_event + "replace the events' times", "CreateTime");
  if (const auto retention = value_of(configs, "retention.ms"); retention != "-1")
    return unfit(topic, "retention.ms", retention, by_event + "delete history at the first check", "-1");
  if (const auto roll = value_of(configs, "segment.ms"); roll != kLongest)
    return unfit(topic, "segment.ms", roll, by_event + "begin a new segment at every jump in time", kLongest);
  // The second is the first's name before Kafka 3.6, which looked both ways.
  for (const auto* behind : {kBehind, "message.timestamp.difference.max.ms"}) {
    if (const auto most = value_of(configs, behind); !most.empty() && most != kLongest)
      return unfit(topic, behind, most, by_event + "refuse events of that long ago", kLongest);
  }
  if (times != RecordTimes::event_to_come) return {};
  if (const auto ahead = value_of(configs, kAhead); !ahead.empty() && ahead != kLongest)
    return unfit(topic, kAhead, ahead, by_event + "refuse events that are still to come", kLongest);
  return {};
}

}  // namespace stack::kafka
