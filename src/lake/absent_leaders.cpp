#include "lake/absent_leaders.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace stack::lake {
namespace {

constexpr Milliseconds kWorthTelling{3'000};  // an election takes less
constexpr std::chrono::minutes kTellAgain{1};

}  // namespace

Result<void> AbsentLeaders::look(std::span<const Partition> absent, std::size_t owned, bool bounded, Instant now) {
  std::vector<std::int32_t> long_absent;
  std::size_t given_up = 0;
  for (const auto& each : absent) {
    const bool for_too_long = each.absence >= connection_.connect_timeout;
    if (bounded && for_too_long) return std::unexpected(gave_up(each.number));
    given_up += for_too_long ? 1 : 0;
    if (each.absence >= std::min(kWorthTelling, connection_.connect_timeout / 2)) long_absent.push_back(each.number);
  }
  if (given_up > 0 && given_up == owned) return std::unexpected(gave_up(absent.front().number));
  if (long_absent != told_ || (!told_.empty() && now - told_at_ >= kTellAgain)) {
    tell(long_absent, long_absent.size() == owned, now);
  }
  return {};
}

Error AbsentLeaders::gave_up(std::int32_t partition) const {
  return {ErrorKind::unreachable,
          fmt::format("{}/{} at {}: the partition has had no leader that can be reached for {:.0f} s; check that the "
                      "brokers of its replicas run, or give it longer with --connect-timeout",
                      topic_, partition, connection_.bootstrap_servers,
                      std::chrono::duration<double>(connection_.connect_timeout).count())};
}

void AbsentLeaders::tell(const std::vector<std::int32_t>& absent, bool all, Instant now) {
  told_ = absent;
  told_at_ = now;
  if (!connection_.on_notice) return;
  connection_.on_notice(absent.empty()
                            ? fmt::format("topic {}: all partitions of this sink have a leader again", topic_)
                            : fmt::format("topic {}: no leader for partition{} {}: waiting{}", topic_,
                                          absent.size() == 1 ? "" : "s", fmt::join(absent, ", "),
                                          all ? "" : "; the others go on"));
}

}  // namespace stack::lake
