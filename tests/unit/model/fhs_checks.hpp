// What every path of bars has to be, for tests of filtered historical simulation.
#pragma once

#include <vector>

#include "market/bar.hpp"
#include "model/bar_model.hpp"

namespace stack::model::test {

// Fitted with OPTIONS' mode fhs; a failed test where it cannot be.
std::unique_ptr<BarModel> fitted_fhs(const Panel& panel, std::optional<double> block = std::nullopt);
// One path of it.
std::vector<market::Series> bars_of(const Panel& panel, const BarModel& model, std::size_t sessions,
                                    std::uint64_t seed = 1);
// ln of close over close before, one fewer than bars.
std::vector<double> returns_of(const market::Series& series);
double deviation_of(const std::vector<double>& values);
// Prices positive, ordered, not beyond what the drift's turn allows; volumes not negative. Fails the test where not.
void expect_valid(const std::vector<market::Series>& series);

}  // namespace stack::model::test
