#include "publish/feed_delays.hpp"

#include <chrono>

namespace stack::publish {
namespace {

using std::chrono::microseconds;
constexpr microseconds kStep{32};

}  // namespace

void record_delays(std::span<const kafka::Record> records,
                   const std::function<Pacer::Moment(const kafka::Record&)>& due_at, Pacer::Moment now,
                   LatencyHistogram& delays) {
  microseconds delay{0};
  std::uint64_t alike = 0;  // events in a row of that delay
  for (const auto& record : records) {
    const auto late = std::chrono::ceil<microseconds>(now - due_at(record));
    const auto rounded = (late / kStep + 1) * kStep;
    if (rounded != delay && alike > 0) {
      delays.record(delay, alike);
      alike = 0;
    }
    delay = rounded;
    ++alike;
  }
  if (alike > 0) delays.record(delay, alike);
}

}  // namespace stack::publish
