// What an Admin knows of a topic's offsets, and of the leaders that tell them.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <thread>

#include "kafka/access_error.hpp"
#include "kafka/admin.hpp"
#include "kafka/admin_state.hpp"

namespace stack::kafka {
namespace {

constexpr Milliseconds kLongestAttempt{5'000};  // to list offsets: a client that asks without end learns nothing new
constexpr Milliseconds kShortAttempt{1'000};

using std::chrono::steady_clock;

std::vector<std::int32_t> all_partitions(const TopicFacts& topic) {
  std::vector<std::int32_t> partitions(static_cast<std::size_t>(topic.partitions));
  std::iota(partitions.begin(), partitions.end(), 0);
  return partitions;
}

}  // namespace

// In the order of PARTITIONS.
Result<std::vector<std::int64_t>> Admin::list_offsets(const std::string& topic,
                                                      std::span<const std::int32_t> partitions, std::int64_t which,
                                                      rd_kafka_IsolationLevel_t isolation, Milliseconds timeout) {
  const PartitionListHandle asked{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const std::int32_t partition : partitions)
    rd_kafka_topic_partition_list_add(asked.get(), topic.c_str(), partition)->offset = which;
  const auto options = state_->options(RD_KAFKA_ADMIN_OP_LISTOFFSETS, timeout);
  const ErrorHandle refused{rd_kafka_AdminOptions_set_isolation_level(options.get(), isolation)};
  rd_kafka_ListOffsets(state_->client.get(), asked.get(), options.get(), state_->queue.get());
  STACK_TRY_ASSIGN(event, state_->answer(fmt::format("offsets of topic {}", topic)));
  std::size_t count = 0;
  const auto* infos = rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event.get()), &count);
  std::vector<std::int64_t> offsets(partitions.size(), -1);
  for (std::size_t i = 0; i < count; ++i) {
    const auto* found = rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
    if (auto denied = access_error(state_->connection, found->err, {.operation = "Describe", .topic = topic}))
      return std::unexpected(*std::move(denied));
    if (found->err != RD_KAFKA_RESP_ERR_NO_ERROR)
      return fail(ErrorKind::unreachable,
                  fmt::format("offsets of {}/{}: {}", topic, found->partition, rd_kafka_err2str(found->err)));
    const auto at = std::ranges::find(partitions, found->partition);
    if (at != partitions.end()) offsets[static_cast<std::size_t>(at - partitions.begin())] = found->offset;
  }
  return offsets;
}

Result<std::vector<OffsetRange>> Admin::list_ranges(const std::string& topic, std::span<const std::int32_t> partitions,
                                                    Milliseconds timeout) {
  constexpr auto committed = RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED;
  STACK_TRY_ASSIGN(starts, list_offsets(topic, partitions, RD_KAFKA_OFFSET_SPEC_EARLIEST, committed, timeout));
  STACK_TRY_ASSIGN(ends, list_offsets(topic, partitions, RD_KAFKA_OFFSET_SPEC_LATEST, committed, timeout));
  std::vector<OffsetRange> ranges(partitions.size());
  for (std::size_t i = 0; i < ranges.size(); ++i) ranges[i] = {starts[i], ends[i]};
  return ranges;
}

// What the cluster says; a leader that has just died is still named until its session is over.
Result<std::vector<std::int32_t>> Admin::led_partitions(const TopicFacts& topic) {
  const Handle<rd_kafka_topic_t> handle{rd_kafka_topic_new(state_->client.get(), topic.name.c_str(), nullptr)};
  const rd_kafka_metadata_t* raw = nullptr;
  const auto code =
      rd_kafka_metadata(state_->client.get(), 0, handle.get(), &raw, static_cast<int>(kLongestAttempt.count()));
  const Handle<const rd_kafka_metadata_t> metadata{raw};
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR || metadata->topic_cnt != 1)
    return std::unexpected(no_broker_answers(state_->connection, state_->log.latest()));
  std::vector<std::int32_t> led;
  const auto& found = metadata->topics[0];
  for (int i = 0; i < found.partition_cnt; ++i) {
    if (found.partitions[i].leader >= 0 && found.partitions[i].id < topic.partitions)
      led.push_back(found.partitions[i].id);
  }
  std::ranges::sort(led);
  return led;
}

Error Admin::without_leader(const TopicFacts& topic, std::int32_t partition) const {
  const std::chrono::duration<double> timeout = state_->connection.connect_timeout;
  return {ErrorKind::unreachable,
          fmt::format("{}/{} at {}: the partition has had no leader that can be reached for {:.0f} s; check that the "
                      "brokers of its replicas run, or give it longer with --connect-timeout",
                      topic.name, partition, state_->connection.bootstrap_servers, timeout.count())};
}

Result<std::vector<OffsetRange>> Admin::offsets(const TopicFacts& topic) {
  // Just after a topic or broker came up a partition may be without a leader for a moment; and a client that knew the
  // broker's former life goes on asking with that life's leader epoch, so each attempt is a new one's.
  const auto partitions = all_partitions(topic);
  const auto deadline = steady_clock::now() + state_->connection.connect_timeout;
  for (;;) {
    Error error{ErrorKind::unreachable, {}};
    const auto led = led_partitions(topic);
    if (!led) {
      error = led.error();
    } else if (led->size() < partitions.size()) {
      error = without_leader(topic, *std::ranges::find_if(partitions, [&](std::int32_t partition) {
                               return !std::ranges::binary_search(*led, partition);
                             }));
    } else {
      const auto left = std::chrono::duration_cast<Milliseconds>(deadline - steady_clock::now());
      auto ranges = list_ranges(topic.name, partitions, std::clamp(left, kShortAttempt, kLongestAttempt));
      if (ranges) return ranges;
      error = std::move(ranges).error();
    }
    if (error.kind == ErrorKind::access || steady_clock::now() >= deadline) return std::unexpected(std::move(error));
    std::this_thread::sleep_for(Milliseconds{50});
    STACK_TRY(state_->open());
  }
}

std::vector<std::optional<OffsetRange>> Admin::led_offsets(const TopicFacts& topic, Milliseconds patience) {
  const auto partitions = all_partitions(topic);
  std::vector<std::optional<OffsetRange>> found(partitions.size());
  const auto deadline = steady_clock::now() + std::min(patience, state_->connection.connect_timeout);
  for (;;) {
    const auto led = led_partitions(topic);
    const bool last = steady_clock::now() >= deadline;
    if (led && !led->empty() && (last || led->size() == partitions.size())) {
      if (const auto ranges = list_ranges(topic.name, *led, kShortAttempt)) {
        for (std::size_t i = 0; i < led->size(); ++i) found[static_cast<std::size_t>((*led)[i])] = (*ranges)[i];
        return found;
      }
    }
    if (!state_->open()) return found;
    if (last) break;
    std::this_thread::sleep_for(Milliseconds{100});
  }
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    // One after the other: asked together, those whose leader answers wait for those whose leader does not.
    if (const auto range = list_ranges(topic.name, {&partitions[i], 1}, kShortAttempt)) found[i] = range->front();
  }
  return found;
}

Result<std::vector<OffsetRange>> Admin::settled_offsets(const TopicFacts& topic, Milliseconds patience) {
  STACK_TRY_ASSIGN(decided, decided_offsets(topic, patience));
  if (!decided.empty()) return decided;
  return offsets(topic);
}

Result<std::vector<OffsetRange>> Admin::decided_offsets(const TopicFacts& topic, Milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  STACK_TRY(offsets(topic));  // waits for leaders
  STACK_TRY_ASSIGN(written,
                   list_offsets(topic.name, all_partitions(topic), RD_KAFKA_OFFSET_SPEC_LATEST,
                                RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED, state_->connection.connect_timeout));
  for (;;) {
    STACK_TRY_ASSIGN(ranges, offsets(topic));
    if (std::ranges::equal(ranges, written, std::ranges::greater_equal{}, &OffsetRange::end)) return ranges;
    if (steady_clock::now() >= deadline) return std::vector<OffsetRange>{};
    std::this_thread::sleep_for(Milliseconds{10});
  }
}

Result<std::vector<std::int64_t>> Admin::offsets_at(const TopicFacts& topic, Milliseconds since_1970) {
  STACK_TRY(offsets(topic));  // waits for leaders
  // Times before 1970 would be taken for one of the special offsets.
  return list_offsets(topic.name, all_partitions(topic), std::max<std::int64_t>(since_1970.count(), 0),
                      RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED, state_->connection.connect_timeout);
}

}  // namespace stack::kafka
