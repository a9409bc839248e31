#include "realism/bands.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include "market/philox.hpp"

namespace stack::realism {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t kKey = 0xB0075712A9000000;  // keeps these words apart from those of feeds with the same seed

std::vector<std::int32_t> union_of_days(std::span<const RankedSeries> history) {
  std::vector<std::int32_t> days;
  for (const auto& each : history) days.insert(days.end(), each.daily.day.begin(), each.daily.day.end());
  std::ranges::sort(days);
  const auto repeats = std::ranges::unique(days);
  days.erase(repeats.begin(), repeats.end());
  return days;
}

// The union of the symbols' dates, and where each symbol stands on each.
struct Calendar {
  std::size_t dates = 0;
  std::vector<std::vector<std::uint32_t>> sessions_before;  // [symbol][date], one more: all

  explicit Calendar(std::span<const RankedSeries> history) {
    const auto days = union_of_days(history);
    dates = days.size();
    for (const auto& each : history) {
      auto& before = sessions_before.emplace_back();
      before.reserve(dates + 1);
      std::uint32_t session = 0;
      for (const auto day : days) {
        before.push_back(session);
        if (session < each.daily.size() && each.daily.day[session] == day) ++session;
      }
      before.push_back(session);
    }
  }
};

struct Block {
  std::size_t first = 0;
  std::size_t length = 0;
};

class Resampler {
 public:
  Resampler(std::span<const RankedSeries> history, const BandOptions& options)
      : history_(history), calendar_(history), options_(options) {
    if (options_.mean_block <= 0.0) options_.mean_block = mean_block_of(history);
  }

  // Replicate R's sessions of SYMBOL, SESSIONS of them.
  void draw(std::size_t symbol, std::uint64_t replicate, std::size_t sessions, SessionSample& sample) const {
    sample.start(history_[symbol]);
    for (std::uint64_t i = 0; sample.size() < sessions; ++i) {
      const Block drawn = block(replicate, i);
      for (std::size_t first = drawn.first, left = drawn.length; left > 0; first = 0) {
        const std::size_t taken = std::min(left, calendar_.dates - first);
        append(symbol, first, first + taken, sessions, sample);
        left -= taken;
      }
    }
  }

 private:
  [[nodiscard]] Block block(std::uint64_t replicate, std::uint64_t index) const {
    const auto words =
        market::philox(options_.seed ^ kKey, market::Stream::sample, replicate << 32U | (index & UINT32_MAX));
    const double u = market::unit_interval(words[0]);
    const auto first = static_cast<std::size_t>(u * static_cast<double>(calendar_.dates));
    // Geometric: each date ends its block with probability 1 / mean.
    const double length =
        options_.mean_block <= 1.0
            ? 0.0
            : std::floor(std::log(market::unit_interval(words[1])) / std::log1p(-1.0 / options_.mean_block));
    return {std::min(first, calendar_.dates - 1), static_cast<std::size_t>(length) + 1};
  }

  void append(std::size_t symbol, std::size_t first, std::size_t last, std::size_t sessions,
              SessionSample& sample) const {
    const auto& before = calendar_.sessions_before[symbol];
    const std::size_t begin = before[first];
    const std::size_t end = std::min<std::size_t>(before[last], begin + sessions - sample.size());
    if (end > begin) sample.append(begin, end);
  }

  std::span<const RankedSeries> history_;
  Calendar calendar_;
  BandOptions options_;
};

Band percentile_band(std::vector<double>& values, double level) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  return {quantile(values, (1.0 - level) / 2.0), quantile(values, (1.0 + level) / 2.0)};
}

}  // namespace

double mean_block_of(std::span<const RankedSeries> history) {
  return std::clamp(static_cast<double>(union_of_days(history).size()) / 16.0, 25.0, 250.0);
}

std::vector<FactBands> fact_bands(std::span<const RankedSeries> history, std::span<const std::size_t> sessions,
                                  const BandOptions& options) {
  const Resampler resampler{history, options};
  std::vector<FactValues> values(history.size() * options.replicates);  // [symbol][replicate]
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    SessionSample sample;
    FactCalculator facts;
    for (std::size_t i = next++; i < values.size(); i = next++) {
      const std::size_t symbol = i / options.replicates;
      resampler.draw(symbol, i % options.replicates, sessions[symbol], sample);
      values[i] = facts(sample);
    }
  };
  {
    const unsigned threads = options.threads > 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < threads; ++i) workers.emplace_back(work);
    work();
  }
  std::vector<FactBands> bands(history.size());
  std::vector<double> column;
  for (std::size_t symbol = 0; symbol < history.size(); ++symbol) {
    for (std::size_t fact = 0; fact < kFactCount; ++fact) {
      column.clear();
      for (unsigned r = 0; r < options.replicates; ++r) column.push_back(values[symbol * options.replicates + r][fact]);
      Band& band = bands[symbol][fact];
      band = percentile_band(column, options.level);
      if (column.size() * 2 < options.replicates) band = {kNaN, kNaN};
    }
  }
  return bands;
}

}  // namespace stack::realism
