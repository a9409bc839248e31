#include "histories.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

#include "model/bar_path.hpp"
#include "model/simulated_bars.hpp"

namespace stack::model::test {
namespace {

market::Selection all_of(std::shared_ptr<const market::Dataset> dataset) {
  auto selection = market::select(std::move(dataset), {});
  if (!selection) throw std::runtime_error(selection.error().message);
  return *selection;
}

std::int64_t cents(double price) { return std::max<std::int64_t>(1, std::llround(100.0 * price)); }

}  // namespace

market::Selection made_up_history(const MadeUp& what) {
  std::mt19937_64 random(what.seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  const auto days = weekdays_from(10'000, what.sessions);
  std::vector<market::Series> all(what.symbols);
  std::vector<double> price(what.symbols, 1000.0);
  for (std::size_t s = 0; s < what.symbols; ++s) all[s].symbol = fmt::format("S{}", s);
  for (std::size_t t = 0; t < what.sessions; ++t) {
    const double common = normal(random);
    for (std::size_t s = 0; s < what.symbols; ++s) {
      const double z = std::sqrt(what.correlation) * common + std::sqrt(1.0 - what.correlation) * normal(random);
      const double open = price[s] * std::exp(0.004 * normal(random));
      const double close = price[s] * std::exp(0.01 * z);
      const double spread = 0.003 * std::abs(normal(random));
      if (t < s * what.younger || uniform(random) < what.holidays) continue;
      price[s] = close;
      market::Bar bar;
      bar.day = days[t];
      bar.scale = 2;
      bar.open = cents(open);
      bar.close = cents(close);
      bar.high = cents(std::max(open, close) * (1.0 + spread));
      bar.low = cents(std::min(open, close) * (1.0 - spread));
      bar.volume = what.volume ? std::llround(1e6 * std::exp(0.3 * normal(random))) : 0;
      all[s].bars.push_back(bar);
    }
  }
  return all_of(market::Dataset::of_bars("made up", std::move(all)));
}

market::Selection history_of(const std::string& csv) {
  auto dataset = market::Dataset::parse("test.csv", csv);
  if (!dataset) throw std::runtime_error(dataset.error().message);
  return all_of(*dataset);
}

Panel panel_of(const market::Selection& history) {
  auto panel = make_panel(history, {}, {});
  if (!panel) throw std::runtime_error(panel.error().message);
  return *panel;
}

Panel panel_of(std::vector<market::Series> series) {
  return panel_of(all_of(market::Dataset::of_bars("simulated", std::move(series))));
}

std::unique_ptr<BarModel> fitted(const Panel& panel, const ModelOptions& options) {
  auto model = fit_model(panel, options);
  if (!model) throw std::runtime_error(model.error().message);
  return *std::move(model);
}

std::vector<market::Series> path_of(const Panel& panel, const ModelOptions& options) {
  auto series = simulate_series(panel, *fitted(panel, options), options);
  if (!series) throw std::runtime_error(series.error().message);
  return *std::move(series);
}

double correlation_on_common_dates(const std::vector<double>& a, const std::vector<double>& b) {
  double n = 0;
  double sum_a = 0;
  double sum_b = 0;
  double aa = 0;
  double bb = 0;
  double ab = 0;
  for (std::size_t t = 0; t < a.size(); ++t) {
    if (std::isnan(a[t]) || std::isnan(b[t])) continue;
    n += 1;
    sum_a += a[t];
    sum_b += b[t];
    aa += a[t] * a[t];
    bb += b[t] * b[t];
    ab += a[t] * b[t];
  }
  return (ab - sum_a * sum_b / n) / std::sqrt((aa - sum_a * sum_a / n) * (bb - sum_b * sum_b / n));
}

}  // namespace stack::model::test
