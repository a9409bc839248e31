#include "model/fhs_screening.hpp"

#include <optional>

#include "core/parallel.hpp"
#include "model/fhs_simulation.hpp"
#include "realism/memorising.hpp"

namespace stack::model {
namespace {

constexpr int kMostRounds = 64;

// The last session of the first window of the path that is too alike; none: there is no such window.
std::optional<std::uint64_t> first_copy(const FhsParameters& parameters, const std::vector<DayMoves>& moves) {
  const std::size_t count = moves.size();
  std::vector<realism::ClosestWindow> closest(count);
  for_each_index(count, [&](std::size_t k) {
    std::vector<double> returns(moves[k].gap.size());
    for (std::size_t t = 0; t < returns.size(); ++t) returns[t] = moves[k].gap[t] + moves[k].move[t];
    closest[k] = realism::closest_window(parameters.copies[k].standardised, realism::standardised_returns(returns));
  });
  std::optional<std::uint64_t> first;
  for (const auto& window : closest) {
    if (!(window.correlation > kMostAlike)) continue;
    const std::uint64_t last = window.simulation_session + realism::kWindow - 1;
    if (!first || last < *first) first = last;
  }
  return first;
}

}  // namespace

std::vector<std::uint64_t> sessions_to_redraw(const std::shared_ptr<const FhsParameters>& parameters,
                                              std::uint64_t seed, std::size_t sessions) {
  std::vector<std::uint64_t> redraws;
  double pairs = 0.0;
  for (const CopyHistory& history : parameters->copies)
    pairs += static_cast<double>(history.standardised.size()) * static_cast<double>(sessions);
  if (pairs > kMostPairs) return redraws;
  std::vector<DayMoves> moves(parameters->symbols.size());
  for (int round = 0; round < kMostRounds; ++round) {
    FhsSimulation(parameters, seed, redraws).next(sessions, moves);
    const auto copy = first_copy(*parameters, moves);
    if (!copy) break;
    redraws.push_back(*copy);
  }
  return redraws;
}

}  // namespace stack::model
