#include "kafka/broker_pulse.hpp"

#include <algorithm>
#include <charconv>

namespace stack::kafka {
namespace {

// The greatest step that is believed: of a process that was stopped and goes on, the brokers knew nothing.
constexpr Milliseconds kLongestStep{2'000};

// Each broker has a count of its own; the last one of that name is the sum.
std::uint64_t answers_in(std::string_view statistics) {
  constexpr std::string_view name = "\"rx\":";
  std::uint64_t answers = 0;
  if (const auto at = statistics.rfind(name); at != std::string_view::npos) {
    statistics.remove_prefix(at + name.size());
    while (statistics.starts_with(' ')) statistics.remove_prefix(1);
    std::from_chars(statistics.data(), statistics.data() + statistics.size(), answers);
  }
  return answers;
}

// "UP", and "UPDATE", in which a broker is just told a new name.
bool has_connection(std::string_view statistics) {
  return statistics.find("\"state\":\"UP") != std::string_view::npos ||
         statistics.find("\"state\":\"REAUTH") != std::string_view::npos;
}

}  // namespace

void BrokerPulse::see(std::string_view statistics, Instant now) {
  const std::uint64_t answers = answers_in(statistics);
  if ((answers != answers_ && has_connection(statistics)) || seen_ == Instant{}) {
    silence_ = Milliseconds{0};
  } else {
    silence_ += std::min(std::chrono::duration_cast<Milliseconds>(now - seen_), kLongestStep);
  }
  answers_ = answers;
  seen_ = now;
}

}  // namespace stack::kafka
