#include "app/report_output.hpp"

#include <fmt/format.h>

#include <cmath>

#include "app/json_object.hpp"

namespace stack::app {
namespace {

std::string json_number(double value) { return std::isfinite(value) ? fmt::format("{}", value) : "null"; }

template <class Range, class ToJson>
std::string json_array(const Range& range, ToJson to_json) {
  std::string text;
  for (const auto& each : range) text += fmt::format("{}{}", text.empty() ? "" : ",", to_json(each));
  return fmt::format("[{}]", text);
}

std::string facts_json(const realism::Comparison& result) {
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < result.history.size(); ++i) {
    for (std::size_t k = 0; k < realism::kFactCount; ++k) {
      const auto& fact = result.facts[i][k];
      if (fact.verdict == realism::Verdict::absent) continue;
      rows.push_back(JsonObject{}
                         .text("symbol", result.history[i].symbol)
                         .text("fact", realism::fact_specs()[k].name)
                         .raw("history", json_number(fact.history))
                         .raw("simulation", json_number(fact.simulation))
                         .raw("low", json_number(fact.band.low))
                         .raw("high", json_number(fact.band.high))
                         .number("inside", fact.verdict == realism::Verdict::inside)
                         .str());
    }
  }
  return json_array(rows, [](const std::string& row) { return row; });
}

// Each pair of symbols: A's return with B's, of the same date (LAGGED: of B's next).
std::string pairs_json(const realism::Comparison& result, bool lagged) {
  const auto& history = lagged ? result.history_lead : result.history_correlation;
  const auto& simulated = lagged ? result.simulation_lead : result.simulation_correlation;
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < history.size(); ++i) {
    for (std::size_t j = lagged ? 0 : i + 1; j < history.size(); ++j) {
      if (i == j) continue;
      rows.push_back(JsonObject{}
                         .text(lagged ? "leader" : "symbol", result.history[i].symbol)
                         .text(lagged ? "follower" : "other", result.history[j].symbol)
                         .raw("history", json_number(history(i, j)))
                         .raw("simulation", json_number(simulated(i, j)))
                         .str());
    }
  }
  return json_array(rows, [](const std::string& row) { return row; });
}

std::string closest_json(const realism::Comparison& result) {
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < result.closest.size(); ++i) {
    const auto& closest = result.closest[i];
    JsonObject row;
    row.text("symbol", result.history[i].symbol)
        .raw("correlation", json_number(closest.correlation))
        .raw("of_history_itself", json_number(result.own_closest[i].correlation));
    if (std::isfinite(closest.correlation)) {
      const auto date = [](const realism::DailySeries& series, std::size_t session) {
        return format_date(Date{std::chrono::days{series.day[session]}});
      };
      row.text("history_from", date(result.history[i], closest.history_session))
          .text("simulation_from", date(result.simulation[i], closest.simulation_session));
    }
    rows.push_back(row.str());
  }
  return json_array(rows, [](const std::string& row) { return row; });
}

// How many symbols' facts are inside, fact by fact.
std::string inside_json(const realism::Score& score) {
  JsonObject object;
  for (std::size_t k = 0; k < realism::kFactCount; ++k) object.number(realism::fact_specs()[k].name, score.inside[k]);
  return object.str();
}

std::string scores_json(const std::vector<realism::NamedScore>& scores) {
  return json_array(scores, [](const realism::NamedScore& each) {
    return JsonObject{}
        .text("simulation", each.name)
        .raw("share_inside", json_number(each.score.share_inside))
        .raw("correlation_error", json_number(each.score.correlation_error))
        .raw("lead_lag_error", json_number(each.score.lead_error))
        .raw("closest_window", json_number(each.score.closest))
        .raw("facts_inside", inside_json(each.score))
        .str();
  });
}

}  // namespace

void print_report_json(const realism::PageInput& input, const std::string& page, double seconds) {
  const auto& result = input.comparison;
  fmt::print("{}\n", JsonObject{}
                         .raw("share_inside", json_number(result.share_inside()))
                         .number("pairs", result.pairs)
                         .number("inside", result.inside)
                         .raw("facts", facts_json(result))
                         .raw("correlation_error", json_number(result.correlation_error()))
                         .raw("correlations", pairs_json(result, false))
                         .raw("lead_lag_error", json_number(result.lead_error()))
                         .raw("lead_lag", pairs_json(result, true))
                         .raw("closest_window", closest_json(result))
                         .raw("median_share", json_number(realism::median_share(input.scores)))
                         .raw("scores", scores_json(input.scores))
                         .number("replicates", result.bands.replicates)
                         .raw("mean_block", json_number(result.bands.mean_block))
                         .text("report", page)
                         .seconds("seconds", seconds)
                         .str());
}

void print_report_summary(const realism::PageInput& input, const std::string& page) {
  const auto& result = input.comparison;
  fmt::print("inside {} of {} facts, share {:.3f}\n", result.inside, result.pairs, result.share_inside());
  if (input.scores.size() > 1) {
    for (const auto& each : input.scores) fmt::print("{}: share {:.3f}\n", each.name, each.score.share_inside);
    fmt::print("median share {:.3f} of {} simulations\n", realism::median_share(input.scores), input.scores.size());
  }
  if (std::isfinite(result.correlation_error()))
    fmt::print("correlation error {:.3f} on the same date, {:.3f} on the next\n", result.correlation_error(),
               result.lead_error());
  if (const double closest = realism::score_of(result).closest; std::isfinite(closest))
    fmt::print("closest window {:.3f}\n", closest);
  fmt::print("report {}\n", page);
}

}  // namespace stack::app
