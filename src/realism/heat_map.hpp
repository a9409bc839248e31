// A matrix of correlations as a picture: a coloured cell with its number for each pair of symbols.
// Thread-safety: pure. Never fails: entries that are NaN are grey.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "realism/cross_section.hpp"

namespace stack::realism {

struct HeatMapLabels {
  std::string_view title;
  std::string_view rows;     // what a row is; may be empty
  std::string_view columns;  // what a column is
};

// A <figure>; colours reach their fullest at +-FULL.
[[nodiscard]] std::string heat_map(const HeatMapLabels& labels, const Matrix& matrix,
                                   std::span<const std::string> symbols, double full);

[[nodiscard]] Matrix difference(const Matrix& a, const Matrix& b);  // a - b

}  // namespace stack::realism
