#include "lake/audit_topic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "kafka/consumer.hpp"
#include "lake/record.hpp"

namespace stack::lake {
namespace {

// Which range of one partition the records, which come in order, fall into.
class RangeCursor {
 public:
  RangeCursor(const PartitionRanges& ranges, TopicCount::Partition& count) : ranges_(ranges), count_(count) {
    count_.by_range.assign(ranges.starts.size(), 0);
  }

  void see(std::int64_t offset) {
    ++count_.records;
    while (at_ + 1 < ranges_.starts.size() && offset >= ranges_.starts[at_ + 1]) ++at_;
    if (offset >= ranges_.end) {
      ++count_.outside;
      ++count_.behind;
    } else if (ranges_.starts.empty() || offset < ranges_.starts[at_]) {
      ++count_.outside;
    } else {
      ++count_.by_range[at_];
    }
  }

 private:
  const PartitionRanges& ranges_;
  TopicCount::Partition& count_;
  std::size_t at_ = 0;
};

// All that is read stands in the log: brokers that answer and give none of it for so long have lost its leader.
constexpr std::chrono::seconds kPatience{60};

std::unexpected<Error> nothing_comes(const kafka::TopicFacts& topic, const std::vector<kafka::OffsetRange>& offsets,
                                     const std::vector<bool>& done) {
  const auto i = static_cast<std::size_t>(std::ranges::find(done, false) - done.begin());
  return fail(ErrorKind::unreachable,
              fmt::format("{}/{}: the broker answers, but no record has come for {} s and offset {} is not reached; "
                          "check that the partition has a leader (stack topic describe {})",
                          topic.name, i, kPatience.count(), offsets[i].end, topic.name));
}

}  // namespace

Result<TopicCount> count_topic(const kafka::Connection& connection, const kafka::TopicFacts& topic,
                               const std::vector<kafka::OffsetRange>& offsets,
                               const std::vector<PartitionRanges>& ranges, const StopFlag& stop,
                               VerifyProgress& progress) {
  TopicCount count;
  count.partitions.resize(offsets.size());
  std::vector<RangeCursor> cursors;
  std::vector<kafka::PartitionOffset> from;
  std::vector<bool> done(offsets.size(), true);
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    cursors.emplace_back(ranges[i], count.partitions[i]);
    if (offsets[i].start >= offsets[i].end) continue;
    from.push_back({static_cast<std::int32_t>(i), offsets[i].start});
    done[i] = false;
  }
  if (from.empty()) return count;
  STACK_TRY_ASSIGN(reader, kafka::Consumer::assign(connection, topic.name, from, {.queue_bytes = 16U << 20}));
  RecordParser parser;
  auto latest = std::chrono::steady_clock::now();
  while (!std::ranges::all_of(done, [](bool is_done) { return is_done; })) {
    if (stop.requested()) return fail(ErrorKind::interrupted, "the audit was interrupted");
    STACK_TRY_ASSIGN(batch, reader->poll(Milliseconds{100}));
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const kafka::Message message = batch[i];
      const auto partition = static_cast<std::size_t>(message.partition());
      if (message.offset() >= offsets[partition].end) {
        done[partition] = true;
        continue;
      }
      cursors[partition].see(message.offset());
      if (message.offset() + 1 == offsets[partition].end) done[partition] = true;
      const ParsedRecord record = parser.parse(message.value(), message.timestamp_ms(), true);
      if (record.dead_reason == nullptr && record.has_sequence) {
        count.sequences.add(record.symbol, record.seq);
      } else if (record.dead_reason == nullptr) {
        count.sequences.add_without_sequence();
      }
    }
    for (const auto& end : batch.ends()) {
      const auto partition = static_cast<std::size_t>(end.partition);
      if (end.offset >= offsets[partition].end) done[partition] = true;
    }
    progress.records += batch.size();
    const auto now = std::chrono::steady_clock::now();
    if (!batch.empty() || !batch.ends().empty()) latest = now;
    if (now - latest > kPatience) return nothing_comes(topic, offsets, done);
  }
  return count;
}

}  // namespace stack::lake
