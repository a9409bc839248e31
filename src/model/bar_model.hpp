// A model of daily bars: fitted once, then simulated any number of times.
// Thread-safety: a BarModel is immutable; each Simulation is used by one thread. Failure: fitting says why not, as
// ErrorKind::data or ErrorKind::usage; simulating never fails.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "market/feed_options.hpp"
#include "model/panel.hpp"

namespace stack::model {

// One symbol's simulated sessions in columns, in logarithms.
struct DayMoves {
  std::vector<double> gap;         // ln(open / close before)
  std::vector<double> move;        // ln(close / open)
  std::vector<double> up;          // ln(high / max(open, close)), >= 0
  std::vector<double> down;        // ln(min(open, close) / low), >= 0
  std::vector<double> log_volume;  // NaN: none

  void resize(std::size_t sessions) {
    for (auto* column : {&gap, &move, &up, &down, &log_volume}) column->resize(sessions);
  }
};

// One path; goes on where it stopped.
class Simulation {
 public:
  virtual ~Simulation() = default;
  // The next COUNT sessions of all symbols: MOVES[symbol], resized to COUNT. How a path is cut into calls is not seen
  // in it.
  virtual void next(std::size_t count, std::vector<DayMoves>& moves) = 0;
};

class BarModel {
 public:
  virtual ~BarModel() = default;
  [[nodiscard]] virtual std::unique_ptr<Simulation> start(std::uint64_t seed) const = 0;
  // A path for use, whose first SESSIONS sessions stay clear of PANEL's history (path_screening.hpp): unless a model
  // knows better, the first of a row of paths made from SEED that does.
  [[nodiscard]] virtual std::unique_ptr<Simulation> start_screened(const Panel& panel, std::uint64_t seed,
                                                                   std::size_t sessions) const;
  // What was fitted, one line a symbol or parameter, for people.
  [[nodiscard]] virtual std::vector<std::string> summary() const = 0;
  // What did not go as it should, and was mended as the options allow: one line each.
  [[nodiscard]] virtual std::vector<std::string> warnings() const { return {}; }
};

// "--parameter NAME=VALUE" (symbol empty: all) or "--parameter SYM.NAME=VALUE"
struct ModelParameter {
  std::string symbol;
  std::string name;
  double value = 0.0;
};

inline constexpr std::size_t kDefaultSessions = 252;
inline constexpr std::size_t kMostSessions = 1'000'000;

struct ModelOptions {
  market::Mode mode = market::Mode::fhs;
  std::uint64_t seed = 1;
  std::size_t sessions = kDefaultSessions;
  std::optional<Date> start_date;          // the first session is on it or on the first weekday after it
  std::optional<double> block;             // mean length in sessions of what is resampled together
  std::vector<ModelParameter> parameters;  // of the textbook models: given, not fitted
  bool ewma_fallback = false;              // a symbol whose volatility model does not converge gets RiskMetrics' EWMA
};

[[nodiscard]] Result<std::unique_ptr<BarModel>> fit_model(const Panel& panel, const ModelOptions& options);

}  // namespace stack::model
