#include "model/path_screening.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "histories.hpp"
#include "market/exact_math.hpp"
#include "market/philox.hpp"

namespace stack::model {
namespace {

constexpr std::uint64_t kCopyingSeed = 5;
constexpr std::size_t kSessions = 300;

// A model that repeats a stretch of history on one seed and draws independent normal returns on all others.
class Copyist final : public BarModel {
 public:
  explicit Copyist(const PanelSeries& series) : ret_(series.ret) {}

  class Path final : public Simulation {
   public:
    Path(const std::vector<double>& ret, std::uint64_t seed) : ret_(ret), seed_(seed) {}
    void next(std::size_t count, std::vector<DayMoves>& moves) override {
      moves.resize(1);
      moves[0].resize(count);
      for (std::size_t i = 0; i < count; ++i) {
        const auto words = market::philox(seed_, market::Stream::model, i);
        const double normal = 0.01 * market::QuantileTable::standard_normal()(words[0]);
        moves[0].gap[i] = 0.0;
        moves[0].move[i] = seed_ == kCopyingSeed ? ret_[200 + i] : normal;
      }
    }

   private:
    const std::vector<double>& ret_;
    std::uint64_t seed_;
  };

  [[nodiscard]] std::unique_ptr<Simulation> start(std::uint64_t seed) const override {
    return std::make_unique<Path>(ret_, seed);
  }
  [[nodiscard]] std::vector<std::string> summary() const override { return {}; }

 private:
  std::vector<double> ret_;
};

TEST(PathScreening, TakesAnotherPathForOneThatRepeatsHistory) {
  const auto panel = test::panel_of(test::made_up_history({.symbols = 1, .sessions = 1000}));
  const Copyist model(panel.series[0]);
  EXPECT_EQ(seed_without_copies(model, panel, kCopyingSeed + 1, kSessions), kCopyingSeed + 1);
  EXPECT_NE(seed_without_copies(model, panel, kCopyingSeed, kSessions), kCopyingSeed);

  const std::vector<CopyHistory> history{make_copy_history(panel.series[0].ret)};
  std::vector<DayMoves> path;
  model.start(kCopyingSeed)->next(kSessions, path);
  EXPECT_TRUE(first_copy(history, path));
  model.start_screened(panel, kCopyingSeed, kSessions)->next(kSessions, path);
  EXPECT_FALSE(first_copy(history, path));
}

TEST(PathScreening, LeavesOutPathsTooLongToLookThrough) {
  const std::vector<CopyHistory> history{
      CopyHistory{.standardised = std::vector<double>(4000), .session_of = {}, .large = {}, .last_variance = 1.0}};
  EXPECT_TRUE(can_be_screened(history, 500'000));
  EXPECT_FALSE(can_be_screened(history, 500'001));
}

}  // namespace
}  // namespace stack::model
