// The pictures of one symbol, history beside simulation, each a <figure> of HTML.
// Thread-safety: pure. Never fails.
#pragma once

#include <string>
#include <vector>

#include "realism/daily_series.hpp"
#include "realism/day_profile.hpp"

namespace stack::realism {

using Simulations = std::vector<const DailySeries*>;  // at least one

// The price paths, from 100, on a logarithmic axis.
[[nodiscard]] std::string price_paths(const DailySeries& history, const Simulations& simulations);
// Where a price of 100 stands after so many sessions: quantiles over all stretches of the simulations, and of history.
[[nodiscard]] std::string price_fan(const DailySeries& history, const Simulations& simulations);
// Quantiles of the simulation's returns over those of history's.
[[nodiscard]] std::string return_quantiles(const DailySeries& history, const DailySeries& simulation);
// Autocorrelations up to lag 50 of returns, of their magnitudes, of the day's range and of log volume; empty where
// there are fewer than kLeastValues.
[[nodiscard]] std::string return_acf(const DailySeries& history, const DailySeries& simulation);
[[nodiscard]] std::string magnitude_acf(const DailySeries& history, const DailySeries& simulation);
[[nodiscard]] std::string range_acf(const DailySeries& history, const DailySeries& simulation);
[[nodiscard]] std::string volume_acf(const DailySeries& history, const DailySeries& simulation);
// Through the day, of simulated ticks; empty without sessions (or, of volume, without any).
[[nodiscard]] std::string volume_through_day(const DayProfile& profile);
[[nodiscard]] std::string volatility_through_day(const DayProfile& profile);

}  // namespace stack::realism
