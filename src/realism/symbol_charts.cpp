#include "realism/symbol_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "realism/chart.hpp"
#include "realism/statistics.hpp"
#include "realism/stylized_facts.hpp"

namespace stack::realism {
namespace {

constexpr std::size_t kLags = 50;
constexpr std::size_t kCurvePoints = 300;
constexpr std::size_t kFanPoints = 60;
constexpr std::size_t kLongestFan = 504;  // two years
constexpr std::size_t kFanStride = 5;     // sessions between the starts of stretches
constexpr std::string_view kBothLegend =
    "<span class=\"entry history\">history</span> <span class=\"entry simulation\">simulation</span>";

// Log price in each session, from 0; a session without a return keeps it.
std::vector<double> log_path(const DailySeries& series) {
  std::vector<double> path;
  path.reserve(series.size());
  double level = 0.0;
  for (const double r : series.r) {
    if (!std::isnan(r)) level += r;
    path.push_back(level);
  }
  return path;
}

struct Curve {
  std::vector<double> x;
  std::vector<double> y;
};

// Every so many of a path's points, its last one too, from a price of 100.
Curve thinned(const std::vector<double>& path) {
  Curve curve;
  const std::size_t step = std::max<std::size_t>(1, path.size() / kCurvePoints);
  const auto add = [&](std::size_t t) {
    curve.x.push_back(static_cast<double>(t));
    curve.y.push_back(path[t] + std::log(100.0));
  };
  for (std::size_t t = 0; t < path.size(); t += step) add(t);
  add(path.size() - 1);
  return curve;
}

constexpr std::array<double, 5> kFanShares = {0.05, 0.25, 0.5, 0.75, 0.95};

struct Fan {
  std::vector<double> horizon;
  std::array<std::vector<double>, kFanShares.size()> level;  // log price
};

Fan fan_of(const std::vector<std::vector<double>>& paths, std::size_t length) {
  Fan fan;
  std::vector<double> moves;
  const std::size_t points = std::min(kFanPoints, length);
  for (std::size_t k = 0; k <= points; ++k) {
    const std::size_t horizon = k * length / points;
    moves.clear();
    for (const auto& path : paths)
      for (std::size_t start = 0; start + length < path.size(); start += kFanStride)
        moves.push_back(path[start + horizon] - path[start] + std::log(100.0));
    fan.horizon.push_back(static_cast<double>(horizon));
    for (std::size_t i = 0; i < kFanShares.size(); ++i) fan.level[i].push_back(quantile(moves, kFanShares[i]));
  }
  return fan;
}

std::vector<double> acf_of(const std::vector<double>& x) {
  Autocorrelations all;
  all.assign(x);
  std::vector<double> values;
  for (std::size_t lag = 1; lag <= kLags; ++lag) values.push_back(all.at(lag));
  return values;
}

std::vector<double> magnitudes(const std::vector<double>& x) {
  std::vector<double> out = x;
  for (double& v : out) v = std::fabs(v);
  return out;
}

std::string acf_chart(std::string_view title, const std::vector<double>& history,
                      const std::vector<double>& simulation) {
  std::vector<double> lags(kLags);
  std::iota(lags.begin(), lags.end(), 1.0);
  if (std::min(count(history), count(simulation)) < kLeastValues) return {};
  const auto of_history = acf_of(history);
  const auto of_simulation = acf_of(simulation);
  // Beyond this a white noise of history's length would lie once in twenty lags.
  const double noise = 1.96 / std::sqrt(static_cast<double>(count(history)));
  AxisRange y{-noise, noise};
  y.include(of_history);
  y.include(of_simulation);
  const std::vector<double> low(kLags, -noise);
  const std::vector<double> high(kLags, noise);
  Chart chart{title, {0.0, static_cast<double>(kLags)}, y.with_margin(0.06)};
  chart.labels("lag, sessions", "autocorrelation")
      .fill(lags, low, high, "noise")
      .line(lags, of_history, "history")
      .line(lags, of_simulation, "simulation");
  return chart.figure(fmt::format("{} <span class=\"entry noise\">white noise, 95 %</span>", kBothLegend));
}

std::vector<AxisTick> time_ticks(const DayProfile& profile) {
  std::vector<AxisTick> ticks;
  const int close = profile.open_minute + static_cast<int>(profile.ticks.size()) * kProfileMinutes;
  const int step = close - profile.open_minute > 300 ? 120 : 60;
  for (int minute = (profile.open_minute + step - 1) / step * step; minute <= close; minute += step)
    ticks.push_back({static_cast<double>(minute), fmt::format("{:02}:{:02}", minute / 60 % 24, minute % 60)});
  return ticks;
}

std::string day_chart(std::string_view title, std::string_view y_label, const DayProfile& profile,
                      const std::vector<double>& values) {
  const double highest = values.empty() ? 0.0 : *std::ranges::max_element(values);
  if (!(highest > 0.0)) return {};
  std::vector<double> minutes;
  minutes.reserve(values.size());
  for (std::size_t k = 0; k < values.size(); ++k)
    minutes.push_back(static_cast<double>(profile.open_minute + static_cast<int>(k) * kProfileMinutes));
  Chart chart{title, {minutes.front(), minutes.back() + kProfileMinutes}, {0.0, highest * 1.06}};
  chart.x_ticks(time_ticks(profile)).labels("local time", y_label).columns(minutes, values, kProfileMinutes, "column");
  return chart.figure(
      fmt::format("<span class=\"entry simulation\">simulated ticks of {} sessions, by {} minutes</span>",
                  profile.sessions, kProfileMinutes));
}

}  // namespace

std::string price_paths(const DailySeries& history, const Simulations& simulations) {
  const Curve past = thinned(log_path(history));
  std::vector<Curve> made;
  AxisRange range = AxisRange::none();
  double last = past.x.back();
  range.include(past.y);
  for (const auto* simulation : simulations) {
    made.push_back(thinned(log_path(*simulation)));
    range.include(made.back().y);
    last = std::max(last, made.back().x.back());
  }
  range = range.with_margin(0.05);
  Chart chart{"Price from 100", {0.0, last}, range};
  chart.y_ticks(log_ticks(range)).labels("session", "price, log scale");
  for (std::size_t i = made.size(); i-- > 0;)
    chart.line(made[i].x, made[i].y, i == 0 ? "simulation thin" : "simulation thin faint");
  chart.line(past.x, past.y, "history thin");
  return chart.figure(kBothLegend);
}

std::string price_fan(const DailySeries& history, const Simulations& simulations) {
  const auto past = log_path(history);
  std::vector<std::vector<double>> simulated;
  for (const auto* simulation : simulations) simulated.push_back(log_path(*simulation));
  const std::size_t length = std::min(kLongestFan, std::min(past.size(), simulated.front().size()) / 4);
  const Fan fan = fan_of(simulated, length);
  const Fan reference = fan_of({past}, length);
  AxisRange range = AxisRange::none();
  for (const auto* each : {&fan, &reference})
    for (const auto& level : each->level) range.include(level);
  range = range.with_margin(0.05);
  Chart chart{"Price fan: where 100 may go", {0.0, static_cast<double>(length)}, range};
  chart.y_ticks(log_ticks(range))
      .labels("sessions ahead", "price, log scale")
      .fill(fan.horizon, fan.level[0], fan.level[4], "fan wide")
      .fill(fan.horizon, fan.level[1], fan.level[3], "fan")
      .line(fan.horizon, fan.level[2], "simulation");
  for (const std::size_t i : {0U, 2U, 4U}) chart.line(reference.horizon, reference.level[i], "history dashed");
  return chart.figure(
      "<span class=\"entry simulation\">simulation: median, 50 % and 90 %</span> "
      "<span class=\"entry history\">history: median and 90 %</span>");
}

std::string return_quantiles(const DailySeries& history, const DailySeries& simulation) {
  // Close together in the tails, where the difference is: even steps of the logit.
  const auto n = static_cast<double>(std::min(count(history.r), count(simulation.r)));
  const double reach = std::log(2.0 * n - 1.0);
  constexpr int kPoints = 101;
  std::vector<double> x;
  std::vector<double> y;
  auto past = history.r;
  auto simulated = simulation.r;
  for (auto* values : {&past, &simulated}) {
    std::erase_if(*values, [](double v) { return std::isnan(v); });
    std::ranges::sort(*values);
  }
  const auto at = [](const std::vector<double>& sorted, double q) {
    const double position = q * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const auto above = std::min(below + 1, sorted.size() - 1);
    return 100.0 * (sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]));
  };
  for (int k = 0; k < kPoints; ++k) {
    const double logit = reach * (2.0 * k / (kPoints - 1) - 1.0);
    const double q = 1.0 / (1.0 + std::exp(-logit));
    x.push_back(at(past, q));
    y.push_back(at(simulated, q));
  }
  AxisRange range = AxisRange::none();
  range.include(x);
  range.include(y);
  range = range.with_margin(0.04);
  const std::array<double, 2> ends{range.low, range.high};
  Chart chart{"Quantiles of daily returns", range, range};
  chart.labels("history, %", "simulation, %").line(ends, ends, "equal").dots(x, y, "simulation");
  return chart.figure("<span class=\"entry equal\">equal</span>");
}

std::string return_acf(const DailySeries& history, const DailySeries& simulation) {
  return acf_chart("Autocorrelation of returns r", history.r, simulation.r);
}

std::string magnitude_acf(const DailySeries& history, const DailySeries& simulation) {
  return acf_chart("Autocorrelation of |r|", magnitudes(history.r), magnitudes(simulation.r));
}

std::string range_acf(const DailySeries& history, const DailySeries& simulation) {
  return acf_chart("Autocorrelation of the range ln(H/L)", history.range, simulation.range);
}

std::string volume_acf(const DailySeries& history, const DailySeries& simulation) {
  return acf_chart("Autocorrelation of log volume", history.log_volume, simulation.log_volume);
}

std::string volume_through_day(const DayProfile& profile) {
  std::vector<double> shares = profile.volume;
  for (double& v : shares) v *= 100.0;
  return day_chart("Volume through the day", "% of the day's volume", profile, shares);
}

std::string volatility_through_day(const DayProfile& profile) {
  return day_chart("Volatility through the day", "root mean square return, %", profile, profile.volatility);
}

}  // namespace stack::realism
