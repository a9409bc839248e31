#include "model/path_screening.hpp"

#include <optional>

#include "core/parallel.hpp"
#include "market/session_path.hpp"
#include "model/fhs_simulation.hpp"
#include "realism/memorising.hpp"

namespace stack::model {
namespace {

constexpr int kMostRounds = 64;

}  // namespace

bool can_be_screened(const std::vector<CopyHistory>& history, std::size_t sessions) {
  double pairs = 0.0;
  for (const CopyHistory& one : history)
    pairs += static_cast<double>(one.standardised.size()) * static_cast<double>(sessions);
  return pairs <= kMostPairs;
}

std::optional<std::uint64_t> first_copy(const std::vector<CopyHistory>& history, const std::vector<DayMoves>& path) {
  std::vector<realism::ClosestWindow> closest(path.size());
  for_each_index(path.size(), [&](std::size_t k) {
    std::vector<double> returns(path[k].gap.size());
    for (std::size_t t = 0; t < returns.size(); ++t) returns[t] = path[k].gap[t] + path[k].move[t];
    closest[k] = realism::closest_window(history[k].standardised, realism::standardised_returns(returns));
  });
  std::optional<std::uint64_t> first;
  for (const auto& window : closest) {
    if (!(window.correlation > kMostAlike)) continue;
    const std::uint64_t last = window.simulation_session + realism::kWindow - 1;
    if (!first || last < *first) first = last;
  }
  return first;
}

std::vector<std::uint64_t> sessions_to_redraw(const std::shared_ptr<const FhsParameters>& parameters,
                                              std::uint64_t seed, std::size_t sessions) {
  std::vector<std::uint64_t> redraws;
  if (!can_be_screened(parameters->copies, sessions)) return redraws;
  std::vector<DayMoves> moves(parameters->symbols.size());
  for (int round = 0; round < kMostRounds; ++round) {
    FhsSimulation(parameters, seed, redraws).next(sessions, moves);
    const auto copy = first_copy(parameters->copies, moves);
    if (!copy) break;
    redraws.push_back(*copy);
  }
  return redraws;
}

std::uint64_t seed_without_copies(const BarModel& model, const Panel& panel, std::uint64_t seed, std::size_t sessions) {
  std::vector<CopyHistory> history;
  history.reserve(panel.series.size());
  for (const PanelSeries& series : panel.series) history.push_back(make_copy_history(series.ret));
  if (!can_be_screened(history, sessions)) return seed;
  std::vector<DayMoves> path(panel.series.size());
  std::uint64_t chosen = seed;
  for (int round = 1; round <= kMostRounds; ++round) {
    model.start(chosen)->next(sessions, path);
    if (!first_copy(history, path)) break;
    chosen = market::session_key(seed, market::symbol_hash("without copies"), round);
  }
  return chosen;
}

std::unique_ptr<Simulation> BarModel::start_screened(const Panel& panel, std::uint64_t seed,
                                                     std::size_t sessions) const {
  return start(seed_without_copies(*this, panel, seed, sessions));
}

}  // namespace stack::model
