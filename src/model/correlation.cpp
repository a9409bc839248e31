#include "model/correlation.hpp"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace stack::model {
namespace {

constexpr double kSmallestEigenvalue = -1e-10;  // of a matrix that counts as positive semi-definite
constexpr int kMostProjections = 200;
constexpr double kProjected = 1e-8;  // change by one projection, at which it ends
constexpr std::size_t kMostWarnings = 10;

double correlation_of(std::span<const double> a, std::span<const double> b) {
  double n = 0.0;
  double sum_a = 0.0;
  double sum_b = 0.0;
  for (std::size_t t = 0; t < a.size(); ++t) {
    if (std::isnan(a[t]) || std::isnan(b[t])) continue;
    ++n;
    sum_a += a[t];
    sum_b += b[t];
  }
  if (n < static_cast<double>(kFewestCommonDates)) return 0.0;
  const double mean_a = sum_a / n;
  const double mean_b = sum_b / n;
  double aa = 0.0;
  double bb = 0.0;
  double ab = 0.0;
  for (std::size_t t = 0; t < a.size(); ++t) {
    if (std::isnan(a[t]) || std::isnan(b[t])) continue;
    aa += (a[t] - mean_a) * (a[t] - mean_a);
    bb += (b[t] - mean_b) * (b[t] - mean_b);
    ab += (a[t] - mean_a) * (b[t] - mean_b);
  }
  const double scale = std::sqrt(aa * bb);
  return scale > 0.0 ? std::clamp(ab / scale, -1.0, 1.0) : 0.0;
}

std::vector<std::span<const double>> returns_of(const Panel& panel) {
  std::vector<std::span<const double>> columns;
  columns.reserve(panel.series.size());
  for (const auto& series : panel.series) columns.emplace_back(series.ret);
  return columns;
}

// The nearest positive semi-definite matrix: negative eigenvalues become 0.
Eigen::MatrixXd without_negative_eigenvalues(const Eigen::MatrixXd& matrix) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(matrix);
  const Eigen::VectorXd values = solver.eigenvalues().cwiseMax(0.0);
  return solver.eigenvectors() * values.asDiagonal() * solver.eigenvectors().transpose();
}

bool is_correlation(const Eigen::MatrixXd& matrix) {
  if ((matrix.diagonal().array() != 1.0).any()) return false;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(matrix, Eigen::EigenvaluesOnly);
  return solver.eigenvalues().minCoeff() >= kSmallestEigenvalue;
}

// With the diagonal 1 exactly, which keeps a positive semi-definite matrix one.
Eigen::MatrixXd with_unit_diagonal(const Eigen::MatrixXd& matrix) {
  const Eigen::VectorXd scale = matrix.diagonal().cwiseMax(1e-12).cwiseSqrt().cwiseInverse();
  Eigen::MatrixXd scaled = scale.asDiagonal() * matrix * scale.asDiagonal();
  scaled = (0.5 * (scaled + scaled.transpose())).eval();
  scaled.diagonal().setOnes();
  return scaled;
}

std::size_t common_dates(const PanelSeries& a, const PanelSeries& b) {
  std::size_t common = 0;
  for (std::size_t t = 0; t < a.ret.size(); ++t)
    if (!std::isnan(a.ret[t]) && !std::isnan(b.ret[t])) ++common;
  return common;
}

void add_pair_warnings(const Panel& panel, std::vector<std::string>& warnings) {
  std::size_t pairs = 0;
  std::vector<std::string> apart;
  for (std::size_t a = 0; a < panel.series.size(); ++a) {
    for (std::size_t b = a + 1; b < panel.series.size(); ++b) {
      ++pairs;
      if (const auto common = common_dates(panel.series[a], panel.series[b]); common < kFewestCommonDates)
        apart.push_back(fmt::format("{} and {} share {} dates, fewer than {}: their moves are taken as uncorrelated",
                                    panel.series[a].symbol, panel.series[b].symbol, common, kFewestCommonDates));
    }
  }
  if (pairs > 1 && apart.size() == pairs) {
    warnings.push_back(
        fmt::format("no two of the {} symbols share {} dates or more: all are taken as uncorrelated; choose symbols of "
                    "one time with --symbols, --from and --to",
                    panel.series.size(), kFewestCommonDates));
    return;
  }
  const std::size_t shown = std::min(apart.size(), kMostWarnings);
  warnings.insert(warnings.end(), apart.begin(), apart.begin() + static_cast<std::ptrdiff_t>(shown));
  if (apart.size() > shown)
    warnings.push_back(fmt::format("and {} more pairs share fewer than {} dates and are taken as uncorrelated",
                                   apart.size() - shown, kFewestCommonDates));
}

void add_sparse_warnings(const Panel& panel, std::vector<std::string>& warnings) {
  for (const auto& series : panel.series) {
    std::size_t first = panel.size();
    std::size_t last = 0;
    for (std::size_t t = 0; t < panel.size(); ++t) {
      if (std::isnan(series.ret[t])) continue;
      first = std::min(first, t);
      last = t;
    }
    const std::size_t dates = last - first + 1;
    if (series.bars * 2 < dates)
      warnings.push_back(
          fmt::format("{}: has {} bars on the {} dates of its time, so that many of its moves span several; a model "
                      "takes each as one session's",
                      series.symbol, series.bars, dates));
  }
}

}  // namespace

Eigen::MatrixXd pairwise_correlation(std::span<const std::span<const double>> columns) {
  const auto n = static_cast<Eigen::Index>(columns.size());
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Identity(n, n);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double value = correlation_of(columns[i], columns[j]);
      matrix(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = value;
      matrix(static_cast<Eigen::Index>(j), static_cast<Eigen::Index>(i)) = value;
    }
  }
  return matrix;
}

Eigen::MatrixXd pairwise_correlation(const Panel& panel) { return pairwise_correlation(returns_of(panel)); }

Eigen::MatrixXd nearest_correlation(const Eigen::MatrixXd& matrix) {
  if (is_correlation(matrix)) return matrix;
  Eigen::MatrixXd unit = matrix;  // the iterate with diagonal 1
  Eigen::MatrixXd correction = Eigen::MatrixXd::Zero(matrix.rows(), matrix.cols());
  Eigen::MatrixXd semidefinite;
  for (int i = 0; i < kMostProjections; ++i) {
    const Eigen::MatrixXd corrected = unit - correction;
    semidefinite = without_negative_eigenvalues(corrected);
    correction = semidefinite - corrected;
    Eigen::MatrixXd next = semidefinite;
    next.diagonal().setOnes();
    const double change = (next - unit).norm();
    unit = std::move(next);
    if (change < kProjected * unit.norm()) break;
  }
  return with_unit_diagonal(semidefinite);
}

Eigen::MatrixXd correlation_factor(const Eigen::MatrixXd& correlation) {
  constexpr double kNothingOfItsOwn = 1e-12;
  const auto n = correlation.rows();
  Eigen::MatrixXd factor = Eigen::MatrixXd::Zero(n, n);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < i; ++j) {
      const double pivot = factor(j, j);
      const double rest = correlation(i, j) - factor.row(i).head(j).dot(factor.row(j).head(j));
      factor(i, j) = pivot > 0.0 ? rest / pivot : 0.0;
    }
    const double own = correlation(i, i) - factor.row(i).head(i).squaredNorm();
    factor(i, i) = own > kNothingOfItsOwn ? std::sqrt(own) : 0.0;
    factor.row(i) *= std::sqrt(correlation(i, i)) / factor.row(i).norm();
  }
  return factor;
}

std::vector<std::string> alignment_warnings(const Panel& panel) {
  std::vector<std::string> warnings;
  add_sparse_warnings(panel, warnings);
  add_pair_warnings(panel, warnings);
  return warnings;
}

}  // namespace stack::model
