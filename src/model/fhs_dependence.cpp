#include "model/fhs_dependence.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "model/correlation.hpp"

namespace stack::model {
namespace {

constexpr double kRidge = 0.25;  // of the lead: near copies of one another share it
constexpr double kLeastEigenvalue = 1e-4;
constexpr double kLeastRegimeDeviation = 0.5;  // a symbol that stood still for years is not blown up to one that moves

void copy_rows(const Eigen::MatrixXd& from, std::vector<double>& to) {
  to.resize(static_cast<std::size_t>(from.size()));
  for (Eigen::Index j = 0; j < from.rows(); ++j)
    for (Eigen::Index i = 0; i < from.cols(); ++i) to[static_cast<std::size_t>(j * from.cols() + i)] = from(j, i);
}

// A square root of COVARIANCE and of its inverse: symmetric, so that mixing changes each residual as little as it can.
// Eigenvalues below LEAST_SHARE of the largest count as that.
Eigen::MatrixXd power(const Eigen::MatrixXd& covariance, double exponent, double least_share = kLeastEigenvalue) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
  const double least = least_share * solver.eigenvalues().maxCoeff();
  const Eigen::VectorXd values = solver.eigenvalues().cwiseMax(least).array().pow(exponent);
  return solver.eigenvectors() * values.asDiagonal() * solver.eigenvectors().transpose();
}

struct Pairs {
  double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;

  void add(double a, double b) { ++n, x += a, y += b, xx += a * a, yy += b * b, xy += a * b; }
  [[nodiscard]] double correlation() const {
    if (n < static_cast<double>(kFewestCommonDates)) return 0.0;
    const double vx = xx - x * x / n;
    const double vy = yy - y * y / n;
    return vx > 0.0 && vy > 0.0 ? (xy - x * y / n) / std::sqrt(vx * vy) : 0.0;
  }
};

// Gives each symbol's z the mean 0 and the variance 1 in every neighbourhood of volatility: where the GARCH makes calm
// days too calm, drawing residuals by regime would repeat its error day after day.
void standardise_by_regime(const std::vector<std::uint32_t>& by_regime, FhsHistory& history) {
  const std::size_t dates = by_regime.size();
  const std::size_t reach = std::max<std::size_t>(dates / 8, 1);
  std::vector<double> sums(dates + 1);
  std::vector<double> squares(dates + 1);
  for (Eigen::Index k = 0; k < history.z.cols(); ++k) {
    for (std::size_t i = 0; i < dates; ++i) {
      const double z = history.z(by_regime[i], k);
      sums[i + 1] = sums[i] + z;
      squares[i + 1] = squares[i] + z * z;
    }
    const double night = std::clamp(history.gap.col(k).squaredNorm() / history.z.col(k).squaredNorm(), 0.0, 1.0);
    for (std::size_t i = 0; i < dates; ++i) {
      const std::size_t from = i < reach ? 0 : std::min(i - reach, dates - std::min(2 * reach, dates));
      const std::size_t to = std::min(from + 2 * reach, dates);
      const auto count = static_cast<double>(to - from);
      const double mean = (sums[to] - sums[from]) / count;
      const double variance = (squares[to] - squares[from]) / count - mean * mean;
      const double deviation = std::sqrt(std::max(variance, kLeastRegimeDeviation * kLeastRegimeDeviation));
      history.z(by_regime[i], k) = (history.z(by_regime[i], k) - mean) / deviation;
      history.gap(by_regime[i], k) = (history.gap(by_regime[i], k) - night * mean) / deviation;
    }
  }
}

}  // namespace

Eigen::MatrixXd same_day_correlation(const Eigen::MatrixXd& columns) {
  std::vector<std::span<const double>> spans;
  spans.reserve(static_cast<std::size_t>(columns.cols()));
  for (Eigen::Index k = 0; k < columns.cols(); ++k)
    spans.emplace_back(columns.col(k).data(), static_cast<std::size_t>(columns.rows()));
  return pairwise_correlation(spans);
}

Eigen::MatrixXd next_day_correlation(const Eigen::MatrixXd& later, const Eigen::MatrixXd& earlier) {
  const Eigen::Index count = later.cols();
  Eigen::MatrixXd matrix(count, count);
  for (Eigen::Index j = 0; j < count; ++j) {
    for (Eigen::Index i = 0; i < count; ++i) {
      Pairs pairs;
      double before = std::nan("");
      for (Eigen::Index t = 0; t < later.rows(); ++t) {
        if (std::isnan(later(t, j)) || std::isnan(earlier(t, i))) continue;
        if (!std::isnan(before)) pairs.add(later(t, j), before);
        before = earlier(t, i);
      }
      matrix(j, i) = pairs.correlation();
    }
  }
  return matrix;
}

void set_dependence(const Dependence& target, const FhsHistory& history, FhsParameters& parameters) {
  const Eigen::Index count = target.same_day.rows();
  const Eigen::Index dates = history.z.rows();
  const Eigen::MatrixXd same_day = nearest_correlation(target.same_day);
  const Eigen::LDLT<Eigen::MatrixXd> solver(same_day + kRidge * Eigen::MatrixXd::Identity(count, count));
  const Eigen::MatrixXd lead = solver.solve(target.next_day.transpose()).transpose();
  const Eigen::MatrixXd lead_gap = solver.solve(target.next_gap.transpose()).transpose();
  Eigen::MatrixXd move = history.z;
  Eigen::MatrixXd gap = history.gap;
  move.bottomRows(dates - 1) -= history.z.topRows(dates - 1) * lead.transpose();
  gap.bottomRows(dates - 1) -= history.z.topRows(dates - 1) * lead_gap.transpose();
  move.rowwise() -= move.colwise().mean().eval();
  const Eigen::MatrixXd wanted = same_day - lead * same_day * lead.transpose();
  const Eigen::MatrixXd found = move.transpose() * move / static_cast<double>(dates);
  // The closest to the identity of all that turn FOUND into WANTED.
  const Eigen::MatrixXd root = power(found, 0.5);
  const Eigen::MatrixXd by_root = power(found, -0.5);
  // The eigenvalues of the product within are products of two.
  constexpr double kLeastProduct = kLeastEigenvalue * kLeastEigenvalue;
  const Eigen::MatrixXd mix = by_root * power(root * power(wanted, 1.0) * root, 0.5, kLeastProduct) * by_root;
  copy_rows(lead, parameters.lead);
  copy_rows(lead_gap, parameters.lead_gap);
  copy_rows(mix, parameters.mix);
  parameters.residuals.resize(static_cast<std::size_t>(dates * count));
  for (Eigen::Index t = 0; t < dates; ++t)
    for (Eigen::Index k = 0; k < count; ++k)
      parameters.residuals[static_cast<std::size_t>(t * count + k)] = {move(t, k), gap(t, k), history.range(t, k),
                                                                       history.upper(t, k), history.volume(t, k)};
}

void set_regimes(FhsHistory& history, FhsParameters& parameters) {
  std::vector<double> volatility(parameters.dates, 0.0);
  double last = 0.0;
  for (std::size_t t = 0; t < parameters.dates; ++t) {
    double sum = 0.0;
    double count = 0.0;
    for (Eigen::Index k = 0; k < history.log_sigma.cols(); ++k) {
      const double s = history.log_sigma(static_cast<Eigen::Index>(t), k);
      if (std::isnan(s)) continue;
      sum += s;
      ++count;
    }
    if (count > 0.0) last = sum / count;
    volatility[t] = last;
  }
  parameters.by_regime.resize(parameters.dates);
  std::iota(parameters.by_regime.begin(), parameters.by_regime.end(), 0U);
  std::ranges::stable_sort(parameters.by_regime, {}, [&](std::uint32_t t) { return volatility[t]; });
  parameters.regime.clear();
  for (const std::uint32_t t : parameters.by_regime) parameters.regime.push_back(volatility[t]);
  standardise_by_regime(parameters.by_regime, history);
}

}  // namespace stack::model
