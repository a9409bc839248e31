#include "clustered_history.hpp"

#include <algorithm>
#include <cmath>

#include "market/exact_math.hpp"
#include "market/philox.hpp"
#include "model/bar_path.hpp"

namespace stack::model::test {
namespace {

std::int64_t cents(double price) {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::floor(100.0 * price + 0.5)));
}

// One symbol on its way through the sessions.
struct Walk {
  GjrGarch garch{.omega = 4e-6, .alpha = 0.03, .gamma = 0.08, .beta = 0.89, .nu = 6.0};
  double h = garch.variance();
  double close = 1000.0;
  double range = 0.0;
  double volume = 0.0;

  market::Bar next(double z, RandomStream& random) {
    const double sigma = std::sqrt(h);
    const double move = 0.0002 + sigma * z;
    h = garch.next(h, sigma * z);
    range = 0.7 * range + 0.2 * random.normal();
    volume = 0.8 * volume + 0.15 * random.normal();
    const double open = close * market::exact_exp(0.25 * move + 0.2 * sigma * random.normal());
    close *= market::exact_exp(move);
    const double beyond = 0.5 * sigma * market::exact_exp(range);
    market::Bar bar;
    bar.scale = 2;
    bar.open = cents(open);
    bar.close = cents(close);
    bar.high = cents(std::max(open, close) * market::exact_exp(beyond * random.uniform()));
    bar.low = cents(std::min(open, close) * market::exact_exp(-beyond * random.uniform()));
    bar.volume = static_cast<std::int64_t>(1e6 * market::exact_exp(volume + 20.0 * sigma + 0.2 * std::abs(z)));
    return bar;
  }
};

}  // namespace

double RandomStream::uniform() {
  return market::unit_interval(market::philox(key_, market::Stream::model, index_++)[0]);
}

double RandomStream::normal() { return market::normal_quantile(uniform()); }

double RandomStream::student(int nu) {
  double squares = 0.0;  // chi-square with NU degrees of freedom: half as many exponentials, each twice
  for (int i = 0; i < nu / 2; ++i) squares -= 2.0 * market::exact_log(uniform());
  return normal() * std::sqrt((nu - 2) / squares);
}

std::vector<double> garch_returns(const GjrGarch& garch, std::size_t count, std::uint64_t seed) {
  RandomStream random(seed);
  std::vector<double> e(count);
  double h = garch.variance();
  for (double& x : e) {
    x = std::sqrt(h) * random.student(static_cast<int>(garch.nu));
    h = garch.next(h, x);
  }
  return e;
}

std::vector<market::Series> clustered_series(const Clustered& what) {
  RandomStream random(what.seed);
  const auto days = weekdays_from(10'000, what.sessions);
  std::vector<market::Series> all(what.symbols);
  std::vector<Walk> walks(what.symbols);
  for (std::size_t s = 0; s < what.symbols; ++s) all[s].symbol = std::string(1, static_cast<char>('A' + s));
  double leader = 0.0;
  for (std::size_t t = 0; t < what.sessions; ++t) {
    const double factor = random.student(6);
    const double yesterday = leader;
    for (std::size_t s = 0; s < what.symbols; ++s) {
      double z = std::sqrt(what.common) * factor + std::sqrt(1.0 - what.common) * random.student(6);
      if (s == 0) leader = z;
      if (s == 1) z = what.lead * yesterday + std::sqrt(1.0 - what.lead * what.lead) * z;
      market::Bar bar = walks[s].next(z, random);
      const bool holiday = random.uniform() < what.holidays;
      if (holiday || (s == 2 && t < what.c_begins)) continue;
      bar.day = days[t];
      if (s == 3 && !what.d_has_volume) bar.volume = 0;
      all[s].bars.push_back(bar);
    }
  }
  return all;
}

market::Series with_closes(const market::Series& series,
                           const std::function<double(std::size_t place, double close)>& edit) {
  market::Series edited = series;
  for (std::size_t i = 0; i < edited.bars.size(); ++i) {
    auto& bar = edited.bars[i];
    const double before = static_cast<double>(bar.close) / 100.0;
    const double factor = edit(i, before) / before;
    for (std::int64_t* price : {&bar.open, &bar.high, &bar.low, &bar.close})
      *price = cents(static_cast<double>(*price) / 100.0 * factor);
  }
  return edited;
}

}  // namespace stack::model::test
