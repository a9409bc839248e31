#include "realism/day_profile.hpp"

#include <algorithm>
#include <cmath>

#include "market/replay_plan.hpp"

namespace stack::realism {
namespace {

constexpr std::int64_t kPartMicros = std::int64_t{kProfileMinutes} * 60'000'000;

// The hours of the last session: those that the profile's parts are named after.
int local_open(const market::Exchange& exchange, std::int32_t day) {
  int minute = exchange.hours.front().open;
  for (const auto& hours : exchange.hours)
    if (hours.since_day <= day) minute = hours.open;
  return minute;
}

class ProfileMaker {
 public:
  ProfileMaker(std::string symbol, int open_minute, std::int64_t session_micros) {
    profile_.symbol = std::move(symbol);
    profile_.open_minute = open_minute;
    const auto parts = static_cast<std::size_t>((session_micros + kPartMicros - 1) / kPartMicros);
    for (auto* column : {&profile_.volume, &profile_.volatility, &profile_.ticks}) column->assign(parts, 0.0);
  }

  // One session, whose first N entries of TICKS these are.
  void add(const market::TickColumns& ticks, std::size_t n, std::int64_t open) {
    std::int64_t volume = 0;
    for (std::size_t i = 0; i < n; ++i) volume += ticks.size[i];
    ++profile_.sessions;
    sessions_with_volume_ += volume > 0 ? 1 : 0;
    const auto count = static_cast<double>(n);
    double last = std::log(static_cast<double>(ticks.price[0]));
    for (std::size_t i = 0; i < n;) {
      const std::size_t part = part_of(ticks.time[i] - open);
      double traded = 0.0;
      const std::size_t begin = i;
      for (; i < n && part_of(ticks.time[i] - open) == part; ++i) traded += static_cast<double>(ticks.size[i]);
      const double now = std::log(static_cast<double>(ticks.price[i - 1]));
      profile_.volatility[part] += (now - last) * (now - last);
      profile_.ticks[part] += static_cast<double>(i - begin) / count;
      if (volume > 0) profile_.volume[part] += traded / static_cast<double>(volume);
      last = now;
    }
  }

  [[nodiscard]] DayProfile finish() && {
    const auto sessions = static_cast<double>(std::max<std::size_t>(profile_.sessions, 1));
    for (double& v : profile_.volatility) v = 100.0 * std::sqrt(v / sessions);
    for (double& v : profile_.ticks) v /= sessions;
    for (double& v : profile_.volume) v /= static_cast<double>(std::max<std::size_t>(sessions_with_volume_, 1));
    return std::move(profile_);
  }

 private:
  [[nodiscard]] std::size_t part_of(std::int64_t since_open) const {
    return std::min(static_cast<std::size_t>(since_open / kPartMicros), profile_.ticks.size() - 1);
  }

  DayProfile profile_;
  std::size_t sessions_with_volume_ = 0;
};

}  // namespace

std::vector<DayProfile> day_profiles(const market::FeedPlan& plan, std::size_t sessions) {
  std::vector<DayProfile> profiles;
  if (plan.replay() == nullptr) return profiles;
  market::BlockMotion motion;
  market::SessionPath path;
  market::TickColumns ticks;
  for (const auto& symbol : plan.replay()->symbols()) {
    const std::int32_t last_day = symbol.bars.back().day;
    const auto hours = symbol.calendar->window(last_day);
    ProfileMaker maker{symbol.series->symbol, local_open(*symbol.exchange, last_day), hours.close - hours.open};
    std::size_t taken = 0;
    for (std::size_t i = symbol.bars.size(); i-- > 0 && taken < sessions;) {
      const auto spec = plan.replay()->spec(symbol, i);
      if (spec.ticks <= 1) continue;
      path.prepare(spec, motion);
      ticks.reserve(spec.ticks + market::kBlockTicks);
      std::size_t n = 0;
      for (std::uint32_t block = 0; block < path.block_count(); ++block) n += path.make_block(block, motion, ticks, n);
      maker.add(ticks, n, spec.window.open);
      ++taken;
    }
    profiles.push_back(std::move(maker).finish());
  }
  return profiles;
}

}  // namespace stack::realism
