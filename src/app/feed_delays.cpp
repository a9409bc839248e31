#include "app/feed_delays.hpp"

#include <fmt/format.h>

#include <chrono>

#include "app/json_object.hpp"

namespace stack::app {
namespace {

using std::chrono::microseconds;
constexpr microseconds kStep{32};

double milliseconds(const LatencyHistogram& delays, double share) {
  return static_cast<double>(delays.quantile(share).count()) / 1e3;
}

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

std::string delays_text(const LatencyHistogram& delays) {
  return fmt::format("p50 {:.1f} ms, p99 {:.1f} ms, max {:.1f} ms", milliseconds(delays, 0.5),
                     milliseconds(delays, 0.99), milliseconds(delays, 1));
}

std::string delays_json(const LatencyHistogram& delays) {
  JsonObject object;
  for (const auto& [name, share] : {std::pair{"p50", 0.5}, std::pair{"p90", 0.9}, std::pair{"p99", 0.99},
                                    std::pair{"p999", 0.999}, std::pair{"max", 1.0}})
    object.seconds(name, milliseconds(delays, share));
  return object.str();
}

}  // namespace stack::app
