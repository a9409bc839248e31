// One path of a filtered historical simulation (Barone-Adesi, Giannopoulos and Vosper 1999), K symbols together:
//   z_t = L z_{t-1} + M u_s        u_s: the residuals of one date s of the history, all symbols' together
//   r_t = mean + sigma_t z_t       sigma_t: GJR-GARCH, fed with what was simulated
// Dates come in short blocks from days of like volatility, so that what moves together in wild times does so again.
// A block ends early where the last 20 sessions would come close to a copy of history (see kTooAlike).
// Thread-safety: one thread. Never fails.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "model/bar_model.hpp"
#include "model/fhs_parameters.hpp"

namespace stack::model {

class FhsSimulation final : public Simulation {
 public:
  FhsSimulation(std::shared_ptr<const FhsParameters> parameters, std::uint64_t seed);
  void next(std::size_t count, std::vector<DayMoves>& moves) override;

 private:
  static constexpr std::size_t kWindow = 20;

  struct State {
    double h = 0.0;
    double sigma = 0.0;
    double driver = 0.0;  // ln sigma less its mean
    HarState range;
    HarState volume;
  };

  void set_volatility();
  void draw_date();
  [[nodiscard]] std::uint32_t start_block(std::uint64_t attempt);
  [[nodiscard]] bool too_alike() const;
  void mix_residuals();
  void step(std::size_t k, std::size_t at, DayMoves& moves);

  std::shared_ptr<const FhsParameters> parameters_;
  std::uint64_t key_;
  std::uint64_t session_ = 0;
  std::uint32_t date_ = 0;  // of the residuals
  std::uint32_t left_ = 0;  // sessions of the block still to come
  std::vector<State> states_;
  std::vector<double> before_;  // z of yesterday
  std::vector<double> z_;
  std::vector<double> lead_;  // L z_{t-1}
  std::vector<double> lead_gap_;
  std::vector<std::array<double, kWindow>> recent_;  // the last z, as a ring
};

}  // namespace stack::model
