// A run of consecutive events of a feed, encoded, in one buffer.
// Thread-safety: read-only once delivered; it goes back to its reader's pool when its last shared_ptr goes.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace stack::market {

struct FeedBatch {
  std::uint64_t first_position = 0;  // global position of the first event, from 0
  std::uint64_t pass = 0;            // of a feed in a loop, from 0: times begin anew with each; never two in a batch
  std::vector<char> buffer;          // its first text_size bytes are the lines; kept large, never shrunk
  std::size_t text_size = 0;
  std::vector<std::uint32_t> offsets;  // size() + 1 of them: event i is [offsets[i], offsets[i + 1]), line end included
  std::vector<std::uint16_t> symbol;   // index into FeedPlan::symbols()
  std::vector<std::int64_t> event_time_us;  // UTC; empty in `sample` mode, whose rows have a date only
  // When each event is published, where that is not its own time (a scenario's late events); else empty. Never falls.
  std::vector<std::int64_t> publish_time_us;
  // Only between a feed with faults and its FaultStage: each event's seq, and the events that meet a fault.
  std::vector<std::uint64_t> seq;
  std::vector<std::uint32_t> touched;

  // When event I is published. Precondition: the batch is of ticks.
  [[nodiscard]] std::int64_t publish_time(std::size_t i) const {
    return publish_time_us.empty() ? event_time_us[i] : publish_time_us[i];
  }

  [[nodiscard]] std::size_t size() const { return symbol.size(); }
  [[nodiscard]] std::string_view text() const { return {buffer.data(), text_size}; }  // all lines
  [[nodiscard]] std::string_view record(std::size_t i) const {                        // one, without its line end
    return {buffer.data() + offsets[i], offsets[i + 1] - offsets[i] - 1};
  }
};

}  // namespace stack::market
