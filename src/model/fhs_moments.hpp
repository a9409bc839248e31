// Moments of daily bars that a filtered historical simulation is held against its history by.
// Thread-safety: pure; several threads are used inside, and their number changes nothing. Never fails.
#pragma once

#include <Eigen/Dense>
#include <array>
#include <memory>
#include <vector>

#include "model/fhs_parameters.hpp"
#include "model/panel.hpp"

namespace stack::model {

// The moments of one symbol that a round looks at. NaN: the symbol has none.
struct SymbolMoments {
  double deviation = 0.0;
  std::array<double, 3> abs_acf{};  // of |r| at 1, 5, 20 sessions
  double leverage = 0.0;
  double parkinson = 0.0;  // the range's deviation over that of the returns
  double overnight = 0.0;
  std::array<double, 2> range_acf{};   // at 1 and 20
  std::array<double, 2> volume_acf{};  // at 1 and 20
  double volume_link = 0.0;            // rank correlation with |r|
  double range_link = 0.0;             // the same of the range
  double night_and_day = 0.0;          // correlation of the overnight move with the day's

  static constexpr std::size_t kSize = 14;
  [[nodiscard]] std::array<double*, kSize> values() {
    auto& [abs_1, abs_5, abs_20] = abs_acf;
    auto& [range_1, range_20] = range_acf;
    auto& [volume_1, volume_20] = volume_acf;
    return {&deviation, &abs_1,    &abs_5,    &abs_20,    &leverage,    &parkinson,  &overnight,
            &range_1,   &range_20, &volume_1, &volume_20, &volume_link, &range_link, &night_and_day};
  }
};

// K symbols; the matrices as those of Dependence, of returns.
struct Moments {
  std::vector<SymbolMoments> symbols;
  Eigen::MatrixXd same_day;
  Eigen::MatrixXd next_day;
};

// The history's moments as the mean over resamples of it in blocks of about a year, so that none hangs on a single
// episode; its correlations as they are.
[[nodiscard]] Moments history_moments(const Panel& panel);

// The mean over PATHS simulated paths of SESSIONS sessions each.
[[nodiscard]] Moments simulated_moments(const std::shared_ptr<const FhsParameters>& parameters, std::size_t paths,
                                        std::size_t sessions);

}  // namespace stack::model
