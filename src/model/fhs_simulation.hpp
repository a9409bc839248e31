// One path of a filtered historical simulation (Barone-Adesi, Giannopoulos and Vosper 1999), K symbols together:
//   z_t = L z_{t-1} + M u_s        u_s: the residuals of one date s of the history, all symbols' together
//   r_t = mean + sigma_t z_t       sigma_t: GJR-GARCH, fed with what was simulated
// Dates come in short blocks from days of like volatility, so that what moves together in wild times does so again.
// Where the last 20 sessions would come close to a copy of history (copy_guard.hpp), another date is drawn.
// Thread-safety: one thread. Never fails.
#pragma once

#include <memory>
#include <vector>

#include "model/bar_model.hpp"
#include "model/copy_guard.hpp"
#include "model/fhs_parameters.hpp"

namespace stack::model {

class FhsSimulation final : public Simulation {
 public:
  FhsSimulation(std::shared_ptr<const FhsParameters> parameters, std::uint64_t seed);
  void next(std::size_t count, std::vector<DayMoves>& moves) override;

 private:
  struct State {
    double h = 0.0;
    double sigma = 0.0;
    double driver = 0.0;  // ln sigma less its mean
    HarState range;
    HarState volume;
  };

  struct Draw {
    std::uint32_t date = 0;  // of the residuals
    std::uint32_t left = 0;  // sessions of its block still to come
    bool continues = false;  // the block of the session before
  };

  void set_volatility();
  [[nodiscard]] Draw draw_date(std::uint64_t attempt) const;
  void choose_date();
  void mix_residuals(std::uint32_t date);
  void step(std::size_t k, std::size_t at, DayMoves& moves);

  std::shared_ptr<const FhsParameters> parameters_;
  std::uint64_t key_;
  std::uint64_t session_ = 0;
  Draw draw_;
  CopyGuard guard_;
  std::vector<State> states_;
  std::vector<double> before_;  // z of yesterday
  std::vector<double> z_;
  std::vector<double> lead_;  // L z_{t-1}
  std::vector<double> lead_gap_;
  std::vector<double> returns_;
};

}  // namespace stack::model
