#include "model/correlation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>
#include <limits>

#include "histories.hpp"

namespace stack::model {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

double least_eigenvalue(const Eigen::MatrixXd& matrix) {
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(matrix).eigenvalues().minCoeff();
}

Eigen::MatrixXd random_symmetric(Eigen::Index n) {
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Identity(n, n);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < i; ++j)
      matrix(i, j) = matrix(j, i) = static_cast<double>(*rc::gen::inRange(-1000, 1001)) / 1000.0;
  return matrix;
}

TEST(NearestCorrelation, IsThatOfHighamsPaper) {
  Eigen::MatrixXd matrix(3, 3);
  matrix << 1, 1, 0, 1, 1, 1, 0, 1, 1;
  Eigen::MatrixXd expected(3, 3);
  expected << 1, 0.7607, 0.1573, 0.7607, 1, 0.7607, 0.1573, 0.7607, 1;
  EXPECT_LT((nearest_correlation(matrix) - expected).cwiseAbs().maxCoeff(), 1e-4);
}

RC_GTEST_PROP(NearestCorrelation, IsSemidefiniteWithUnitDiagonal, ()) {
  const auto near = nearest_correlation(random_symmetric(*rc::gen::inRange<Eigen::Index>(1, 12)));
  RC_ASSERT(least_eigenvalue(near) > -1e-9);
  RC_ASSERT((near.diagonal().array() == 1.0).all());
  RC_ASSERT((near - near.transpose()).norm() == 0.0);
  RC_ASSERT(near.cwiseAbs().maxCoeff() <= 1.0 + 1e-9);
}

RC_GTEST_PROP(NearestCorrelation, LeavesCorrelationsAlone, ()) {
  const auto n = *rc::gen::inRange<Eigen::Index>(1, 8);
  const Eigen::MatrixXd matrix =
      (random_symmetric(n) + static_cast<double>(n) * Eigen::MatrixXd::Identity(n, n)) / static_cast<double>(n + 1);
  Eigen::MatrixXd correlation = matrix;
  correlation.diagonal().setOnes();
  RC_ASSERT(nearest_correlation(correlation) == correlation);
}

RC_GTEST_PROP(CorrelationFactor, GivesTheMatrixBack, ()) {
  const auto matrix = nearest_correlation(random_symmetric(*rc::gen::inRange<Eigen::Index>(1, 10)));
  const auto factor = correlation_factor(matrix);
  RC_ASSERT((factor * factor.transpose() - matrix).cwiseAbs().maxCoeff() < 1e-5);
  RC_ASSERT(factor.isLowerTriangular());
}

TEST(CorrelationFactor, TakesTwoSymbolsThatAreOne) {
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Ones(3, 3);
  const auto factor = correlation_factor(matrix);
  EXPECT_LT((factor * factor.transpose() - matrix).norm(), 1e-12);
}

TEST(PairwiseCorrelation, UsesEachPairsOwnDates) {
  const auto panel =
      test::panel_of(test::made_up_history({.symbols = 4, .sessions = 900, .younger = 150, .holidays = 0.1}));
  const auto matrix = pairwise_correlation(panel);
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j < 4; ++j)
      EXPECT_NEAR(matrix(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)),
                  test::correlation_on_common_dates(panel.series[i].ret, panel.series[j].ret), 1e-12);
}

TEST(PairwiseCorrelation, IsZeroWhereTooFewDatesAreCommon) {
  std::vector<double> a(400, std::numeric_limits<double>::quiet_NaN());
  auto b = a;
  for (std::size_t t = 0; t < 200 + kFewestCommonDates; ++t) a[t] = std::sin(static_cast<double>(t));
  for (std::size_t t = 200; t < 400; ++t) b[t] = std::sin(static_cast<double>(t));
  const std::vector<std::span<const double>> columns = {a, b};
  EXPECT_NEAR(pairwise_correlation(columns)(0, 1), 1.0, 1e-12);
  a[200] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(pairwise_correlation(columns)(0, 1), 0.0);
}

// SYMBOLS of 300 sessions, each beginning when the one before it ends, but for OVERLAP.
Panel relay(std::size_t symbols, std::size_t overlap) {
  std::vector<market::Series> all;
  for (std::size_t s = 0; s < symbols; ++s) {
    const auto history = test::made_up_history({.symbols = 1, .sessions = 300, .seed = static_cast<unsigned>(s + 1)});
    auto series = *history.slices[0].series;
    series.symbol = std::string(1, static_cast<char>('A' + s));
    const auto shift = static_cast<std::int32_t>(s * (300 - overlap) / 5 * 7);
    for (auto& bar : series.bars) bar.day += shift;
    all.push_back(std::move(series));
  }
  return test::panel_of(std::move(all));
}

TEST(AlignmentWarnings, NameThePairAndWhatWasDone) {
  EXPECT_THAT(alignment_warnings(relay(2, 100)), IsEmpty());
  const auto warnings = alignment_warnings(relay(3, 100));
  ASSERT_THAT(warnings, SizeIs(1));
  EXPECT_THAT(warnings[0], HasSubstr("A and C share 0 dates"));
  EXPECT_THAT(warnings[0], HasSubstr("uncorrelated"));
}

TEST(AlignmentWarnings, SayThatNoTwoOverlap) {
  EXPECT_THAT(alignment_warnings(relay(3, 0)), ElementsAre(HasSubstr("no two of the 3 symbols share 60 dates")));
}

TEST(AlignmentWarnings, AreAFewWhateverTheSymbols) {
  const auto warnings = alignment_warnings(relay(9, 100));
  ASSERT_THAT(warnings, SizeIs(11));
  EXPECT_THAT(warnings.back(), HasSubstr("and 18 more pairs"));
}

TEST(AlignmentWarnings, NameASeriesThatMissesMostOfItsDates) {
  auto panel = test::made_up_history({.symbols = 2, .sessions = 900});
  std::vector<market::Series> series = {*panel.slices[0].series, *panel.slices[1].series};
  std::vector<market::Bar> weekly;
  for (std::size_t i = 0; i < series[1].bars.size(); i += 3) weekly.push_back(series[1].bars[i]);
  series[1].bars = weekly;
  EXPECT_THAT(alignment_warnings(test::panel_of(std::move(series))), ElementsAre(HasSubstr("S1: has 300 bars")));
}

}  // namespace
}  // namespace stack::model
