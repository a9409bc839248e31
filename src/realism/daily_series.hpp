// One symbol's bars as columns of what statistics are made of.
// Thread-safety: plain values. Never fails: what a bar does not tell is NaN.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "market/bar.hpp"

namespace stack::realism {

// One entry a session in each column; natural logarithms.
struct DailySeries {
  std::string symbol;
  std::vector<std::int32_t> day;   // days since 1970-01-01, ascending
  std::vector<double> r;           // ln(C_t / C_{t-1}); NaN in the first session
  std::vector<double> gap;         // ln(O_t / C_{t-1}); NaN in the first session
  std::vector<double> intraday;    // ln(C_t / O_t); gap + intraday = r
  std::vector<double> range;       // ln(H_t / L_t); NaN where all four prices are one
  std::vector<double> log_volume;  // ln V_t; NaN where there is no volume

  [[nodiscard]] std::size_t size() const { return day.size(); }
};

// ADJUSTMENT, when given, has one factor a bar, by which prices are multiplied where two sessions are compared
// (splits, dividends: adjusted close over close).
[[nodiscard]] DailySeries daily_series(std::string symbol, std::span<const market::Bar> bars,
                                       std::span<const double> adjustment = {});

}  // namespace stack::realism
