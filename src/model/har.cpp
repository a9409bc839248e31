#include "model/har.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <limits>

namespace stack::model {
namespace {

constexpr std::size_t kFewest = 60;  // values that the coefficients are fitted on

// What a value is explained by: the last one, the week's and the month's mean before it, each less MEAN, and the
// driver.
Eigen::Vector4d regressors(const HarState& state, double mean, double driver) {
  return {state.expected({mean, 1.0, 0.0, 0.0, 0.0}, 0.0) - mean,
          state.expected({mean, 0.0, 1.0, 0.0, 0.0}, 0.0) - mean,
          state.expected({mean, 0.0, 0.0, 1.0, 0.0}, 0.0) - mean, driver};
}

}  // namespace

void HarState::fill(double value) {
  values_.fill(value);
  week_ = value * kWeek;
  month_ = value * kMonth;
  at_ = 0;
}

void HarState::add(double value) {
  week_ += value - values_[(at_ + kMonth - kWeek) % kMonth];
  month_ += value - values_[at_];
  values_[at_] = value;
  at_ = (at_ + 1) % kMonth;
}

HarFit fit_har(std::span<const double> values, std::span<const double> driver, double most_persistence) {
  HarFit fit;
  double count = 0.0;
  double first = 0.0;
  for (const double v : values) {
    if (std::isnan(v)) continue;
    if (count == 0.0) first = v;
    fit.har.mean += v;
    ++count;
  }
  if (count > 0.0) fit.har.mean /= count;
  fit.state.fill(first);
  if (count >= kFewest) {
    Eigen::Matrix4d products = Eigen::Matrix4d::Identity() * 1e-9;
    Eigen::Vector4d targets = Eigen::Vector4d::Zero();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isnan(values[i])) continue;
      const Eigen::Vector4d x = regressors(fit.state, fit.har.mean, driver[i]);
      products += x * x.transpose();
      targets += x * (values[i] - fit.har.mean);
      fit.state.add(values[i]);
    }
    const Eigen::Vector4d solved = products.ldlt().solve(targets);
    const double sum = solved[0] + solved[1] + solved[2];
    const double shrink = sum > most_persistence ? most_persistence / sum : 1.0;
    fit.har.day = solved[0] * shrink;
    fit.har.week = solved[1] * shrink;
    fit.har.month = solved[2] * shrink;
    fit.har.link = solved[3];
    fit.state.fill(first);
  }
  fit.residuals.assign(values.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    fit.residuals[i] = values[i] - fit.state.expected(fit.har, driver[i]);
    fit.state.add(values[i]);
  }
  return fit;
}

}  // namespace stack::model
