// Histories for tests: bars that are made up, and those that a model makes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "market/selection.hpp"
#include "model/bar_model.hpp"
#include "model/panel.hpp"

namespace stack::model::test {

struct MadeUp {
  std::size_t symbols = 3;
  std::size_t sessions = 600;
  double correlation = 0.6;  // of any two symbols' returns
  std::size_t younger = 0;   // sessions by which each symbol begins after the one before it
  double holidays = 0.0;     // share of sessions that a symbol has not
  bool volume = true;
  unsigned seed = 1;
};
// Symbols S0, S1, ... with normal returns of 1 % a day.
market::Selection made_up_history(const MadeUp& what = {});

// The same of CSV text.
market::Selection history_of(const std::string& csv);

Panel panel_of(const market::Selection& history);
Panel panel_of(std::vector<market::Series> series);

// The model, or a failed test.
std::unique_ptr<BarModel> fitted(const Panel& panel, const ModelOptions& options);
// One path of it as bars, and what a panel says of them.
std::vector<market::Series> path_of(const Panel& panel, const ModelOptions& options);

// Pearson's correlation of two columns on the dates that both have.
double correlation_on_common_dates(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace stack::model::test
