#include "model/bootstrap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/gaussian_shocks.hpp"
#include "model/volume_facts.hpp"

namespace stack::model {
namespace {

constexpr unsigned kBlockWords = 0;  // of a session's words
constexpr std::string_view kAllSymbols;

// Symbols' returns in units of their deviations, 0 where there is none, beside whether there is one.
struct Standardised {
  std::vector<std::vector<float>> value;
  std::vector<std::vector<float>> there;  // 1 or 0
};

Standardised standardised(const Panel& panel) {
  Standardised columns;
  for (const auto& series : panel.series) {
    std::vector<float> value(panel.size(), 0.0F);
    std::vector<float> there(panel.size(), 0.0F);
    for (std::size_t t = 0; t < panel.size(); ++t) {
      if (std::isnan(series.ret[t])) continue;
      value[t] = static_cast<float>((series.ret[t] - series.mean) / series.deviation);
      there[t] = 1.0F;
    }
    columns.value.push_back(std::move(value));
    columns.there.push_back(std::move(there));
  }
  return columns;
}

// The distance of every date's cross-section from that of DATE, less a constant.
void distances_from(const Standardised& columns, std::size_t date, std::vector<float>& distances) {
  constexpr float kIndependent = 2.0F;
  std::ranges::fill(distances, 0.0F);
  for (std::size_t s = 0; s < columns.value.size(); ++s) {
    if (columns.there[s][date] == 0.0F) continue;
    const float value = columns.value[s][date];
    const float* values = columns.value[s].data();
    const float* there = columns.there[s].data();
    for (std::size_t t = 0; t < distances.size(); ++t) {
      const float difference = values[t] - value;
      distances[t] += there[t] * (difference * difference - kIndependent);
    }
  }
}

std::vector<double> volumes_at(const PanelSeries& series, const std::vector<std::uint32_t>& sources) {
  constexpr std::size_t kHolidays = 10;  // dates over which a volume is carried
  const auto deviations = volume_deviations(series);
  const double level = volume_facts(series).level;
  std::vector<double> known;
  for (const double v : deviations)
    if (!std::isnan(v)) known.push_back(v);
  std::vector<double> volumes(sources.size(), std::numeric_limits<double>::quiet_NaN());
  if (known.empty()) return volumes;
  std::size_t last = sources.size();  // the last date with a volume
  for (std::size_t t = 0; t < sources.size(); ++t) {
    if (!std::isnan(deviations[t])) last = t;
    const double own = deviations[last + kHolidays > t && last <= t ? last : sources[t]];
    volumes[t] = level + (std::isnan(own) ? known[t % known.size()] : own);
  }
  return volumes;
}

// One symbol's sessions to draw, by date of the panel.
DayMoves source_columns(const PanelSeries& series, const std::vector<std::uint32_t>& sources) {
  DayMoves columns;
  columns.resize(sources.size());
  for (std::size_t t = 0; t < sources.size(); ++t) {
    const std::size_t source = sources[t];
    const bool flat = std::isnan(series.gap[source]);  // all of the return came with the gap
    const double gap = flat ? series.ret[source] : series.gap[source];
    columns.gap[t] = gap;
    columns.move[t] = flat ? 0.0 : series.ret[source] - gap;
    columns.up[t] = flat ? 0.0 : series.up[source];
    columns.down[t] = flat ? 0.0 : series.down[source];
  }
  columns.log_volume = volumes_at(series, sources);
  return columns;
}

// The dates on which at least half of the symbols that are between their first and their last return have one.
std::vector<std::uint32_t> drawable_dates(const Panel& panel) {
  std::vector<std::uint32_t> living(panel.size(), 0);
  std::vector<std::uint32_t> trading(panel.size(), 0);
  for (const auto& series : panel.series) {
    const auto has = [](double ret) { return !std::isnan(ret); };
    const auto first = static_cast<std::size_t>(std::ranges::find_if(series.ret, has) - series.ret.begin());
    std::size_t end = series.ret.size();
    while (end > first && !has(series.ret[end - 1])) --end;
    for (std::size_t t = first; t < end; ++t) {
      ++living[t];
      if (has(series.ret[t])) ++trading[t];
    }
  }
  std::vector<std::uint32_t> dates;
  for (std::size_t t = 0; t < panel.size(); ++t)
    if (trading[t] > 0 && 2 * trading[t] >= living[t]) dates.push_back(static_cast<std::uint32_t>(t));
  return dates;
}

struct Source {
  std::vector<std::uint32_t> dates;  // that are drawn
  std::vector<DayMoves> symbols;
  double block = kDefaultBlock;
};

class BootstrapSimulation final : public Simulation {
 public:
  BootstrapSimulation(std::shared_ptr<const Source> source, std::uint64_t seed)
      : source_(std::move(source)), key_(model_key(seed, kAllSymbols)) {}

  void next(std::size_t count, std::vector<DayMoves>& moves) override {
    moves.resize(source_->symbols.size());
    for (auto& symbol : moves) symbol.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      draw();
      const std::size_t date = source_->dates[place_];
      for (std::size_t s = 0; s < moves.size(); ++s) {
        const DayMoves& from = source_->symbols[s];
        moves[s].gap[i] = from.gap[date];
        moves[s].move[i] = from.move[date];
        moves[s].up[i] = from.up[date];
        moves[s].down[i] = from.down[date];
        moves[s].log_volume[i] = from.log_volume[date];
      }
    }
  }

 private:
  void draw() {
    const auto words = model_words(key_, session_, kBlockWords);
    const bool begins = session_ == 0 || market::unit_interval(words[0]) * source_->block < 1.0;
    const std::size_t dates = source_->dates.size();
    place_ = begins ? static_cast<std::size_t>(market::unit_interval(words[1]) * static_cast<double>(dates))
                    : (place_ + 1) % dates;
    ++session_;
  }

  std::shared_ptr<const Source> source_;
  std::uint64_t key_;
  std::uint64_t session_ = 0;
  std::size_t place_ = 0;
};

class Bootstrap final : public BarModel {
 public:
  Bootstrap(std::shared_ptr<const Source> source, std::vector<std::string> summary)
      : source_(std::move(source)), summary_(std::move(summary)) {}

  [[nodiscard]] std::unique_ptr<Simulation> start(std::uint64_t seed) const override {
    return std::make_unique<BootstrapSimulation>(source_, seed);
  }
  // It is made of history, and says so.
  [[nodiscard]] std::unique_ptr<Simulation> start_screened(const Panel&, std::uint64_t seed,
                                                           std::size_t) const override {
    return start(seed);
  }
  [[nodiscard]] std::vector<std::string> summary() const override { return summary_; }

 private:
  std::shared_ptr<const Source> source_;
  std::vector<std::string> summary_;
};

}  // namespace

std::vector<std::vector<std::uint32_t>> bar_sources(const Panel& panel) {
  const auto columns = standardised(panel);
  std::vector<std::vector<std::uint32_t>> sources(panel.series.size(), std::vector<std::uint32_t>(panel.size()));
  std::vector<float> distances(panel.size());
  for (std::size_t date = 0; date < panel.size(); ++date) {
    bool measured = false;
    for (std::size_t s = 0; s < sources.size(); ++s) {
      sources[s][date] = static_cast<std::uint32_t>(date);
      const auto& there = columns.there[s];
      if (there[date] != 0.0F) continue;
      if (!measured) distances_from(columns, date, distances);
      measured = true;
      float least = std::numeric_limits<float>::infinity();
      for (std::size_t t = 0; t < distances.size(); ++t) {
        if (there[t] == 0.0F || distances[t] >= least) continue;
        least = distances[t];
        sources[s][date] = static_cast<std::uint32_t>(t);
      }
    }
  }
  return sources;
}

Result<std::unique_ptr<BarModel>> make_bootstrap(const Panel& panel, const ModelOptions& options) {
  auto source = std::make_shared<Source>();
  source->block = options.block.value_or(kDefaultBlock);
  if (!(source->block >= 1.0))
    return fail(ErrorKind::usage, fmt::format("--block {}: a block has 1 session or more", source->block));
  const auto sources = bar_sources(panel);
  source->dates = drawable_dates(panel);
  std::vector<std::string> summary = {fmt::format(
      "bootstrap of {} dates in blocks of {:g} sessions on average: stretches of that length are history's own",
      source->dates.size(), source->block)};
  for (std::size_t s = 0; s < sources.size(); ++s) {
    std::size_t elsewhere = 0;
    for (const auto date : source->dates)
      if (sources[s][date] != date) ++elsewhere;
    source->symbols.push_back(source_columns(panel.series[s], sources[s]));
    summary.push_back(fmt::format("{}: has no return on {} of the dates and takes that of the nearest date",
                                  panel.series[s].symbol, elsewhere));
  }
  return std::make_unique<Bootstrap>(std::move(source), std::move(summary));
}

}  // namespace stack::model
