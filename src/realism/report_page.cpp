#include "realism/report_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "realism/chart.hpp"
#include "realism/fact_tables.hpp"
#include "realism/heat_map.hpp"
#include "realism/page_style.hpp"
#include "realism/symbol_charts.hpp"

namespace stack::realism {
namespace {

constexpr double kMemorised = 0.95;
constexpr std::size_t kLeadsShown = 10;

std::string date_of(std::int32_t day) { return format_date(Date{std::chrono::days{day}}); }

std::string card(std::string_view name, std::string_view value, std::string_view note, std::string_view css = {}) {
  return fmt::format("<div class=\"card\"><div class=\"name\">{}</div><div class=\"value {}\">{}</div>{}</div>\n", name,
                     css, value, note);
}

std::string note(std::string_view text) { return fmt::format("<div class=\"note\">{}</div>", text); }

// What is compared: dates and sessions of one side.
std::string extent(const std::vector<DailySeries>& series) {
  std::int32_t first = series.front().day.front();
  std::int32_t last = series.front().day.back();
  std::size_t fewest = series.front().size();
  std::size_t most = fewest;
  for (const auto& each : series) {
    first = std::min(first, each.day.front());
    last = std::max(last, each.day.back());
    fewest = std::min(fewest, each.size());
    most = std::max(most, each.size());
  }
  const auto sessions = fewest == most ? fmt::format("{}", most) : fmt::format("{} to {}", fewest, most);
  return fmt::format("{} sessions a symbol, {} to {}", sessions, date_of(first), date_of(last));
}

std::string header(const PageInput& input) {
  const auto& all = input.comparison;
  return fmt::format(
      "<header><h1>Simulation beside history</h1>\n"
      "<p class=\"soft\"><span class=\"entry history\">History:</span>{}, {}.<br>"
      "<span class=\"entry simulation\">Simulation:</span>{}, {}.<br>{} symbol{}.</p></header>\n",
      html_escape(input.history_name), extent(all.history), html_escape(input.simulation_name), extent(all.simulation),
      all.history.size(), all.history.size() == 1 ? "" : "s");
}

// The highest of all symbols.
double own_closest(const Comparison& all) {
  double highest = -1.0;
  for (const auto& window : all.own_closest) highest = std::fmax(highest, window.correlation);
  return highest;
}

std::string closest_card(const Comparison& all) {
  constexpr std::string_view kTitle = "Closest stretch of 20 sessions";
  const auto closest = std::ranges::max_element(all.closest, {}, [](const ClosestWindow& window) {
    return std::isnan(window.correlation) ? -2.0 : window.correlation;
  });
  if (std::isnan(closest->correlation)) return card(kTitle, "–", note("too few sessions"));
  const auto symbol = static_cast<std::size_t>(closest - all.closest.begin());
  const bool memorised = closest->correlation > kMemorised;
  const auto text = fmt::format("{} above 0.95: correlation with {} from {}; two stretches of history itself reach {}",
                                memorised ? "✗" : "✓ not", html_escape(all.history[symbol].symbol),
                                date_of(all.history[symbol].day[closest->history_session]), readable(own_closest(all)));
  return card(kTitle, readable(closest->correlation), note(text), memorised ? "outside" : "inside");
}

std::string summary(const PageInput& input) {
  const auto& all = input.comparison;
  std::string out = "<section class=\"cards\">\n";
  const double share = median_share(input.scores);
  const auto counted =
      input.scores.size() > 1
          ? fmt::format("median of {} simulations; the first: {} of {}", input.scores.size(), all.inside, all.pairs)
          : fmt::format("{} of {} pairs of fact and symbol", all.inside, all.pairs);
  out += card("Facts inside their 95 % bands", percent(share),
              fmt::format("<div class=\"meter\"><div style=\"width:{:.1f}%\"></div></div>{}",
                          std::isfinite(share) ? 100.0 * share : 0.0, note(counted)));
  if (all.history.size() > 1) {
    out += card("Correlation error, same date", readable(all.correlation_error()),
                note("mean absolute difference over all pairs of symbols"));
    out += card("Correlation error, next date", readable(all.lead_error()),
                note("the same of today with the other's next day"));
  }
  return out + closest_card(all) + "</section>\n";
}

std::string facts_section(const PageInput& input) {
  return fmt::format(
      "<h2 id=\"facts\">Stylized facts</h2>\n<p class=\"soft\">✓ the simulation lies inside the band of what history "
      "could have shown, ✗ outside, · cannot be told (no volume, too few bars). A band spans 95 % of {} bootstrap "
      "replicates of history, each as long as the simulation. How many inside are many? History resampled has 95 %. "
      "History is itself one draw from the market: another one, equally long, would have about 80 %.</p>\n{}",
      input.comparison.bands.replicates, fact_matrix(input.comparison));
}

// A row a simulation, where there are several.
std::string score_table(const std::vector<NamedScore>& scores) {
  if (scores.size() < 2) return {};
  std::string out =
      "<h2 id=\"seeds\">All simulations</h2>\n<p class=\"soft\">The rest of this page shows the first; its paths and "
      "fans are those of all.</p>\n<div class=\"scroll\"><table>\n<thead><tr><th class=\"text\">simulation</th>"
      "<th>facts inside</th><th>correlation error, same date</th><th>next date</th><th>closest "
      "stretch</th></tr></thead>"
      "\n<tbody>\n";
  for (const auto& [name, score] : scores)
    out += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                       html_escape(name), percent(score.share_inside), readable(score.correlation_error),
                       readable(score.lead_error), readable(score.closest));
  return out + "</tbody></table></div>\n";
}

struct Lead {
  std::size_t leader = 0;
  std::size_t follower = 0;
};

// Those whose lagged correlation is largest in history.
std::vector<Lead> strongest_leads(const Comparison& all) {
  std::vector<Lead> leads;
  for (std::size_t i = 0; i < all.history.size(); ++i)
    for (std::size_t j = 0; j < all.history.size(); ++j)
      if (i != j && std::isfinite(all.history_lead(i, j))) leads.push_back({i, j});
  std::ranges::stable_sort(leads, std::greater<>{},
                           [&](const Lead& lead) { return std::fabs(all.history_lead(lead.leader, lead.follower)); });
  leads.resize(std::min(leads.size(), kLeadsShown));
  return leads;
}

std::string lead_table(const Comparison& all) {
  std::string out =
      "<h3>Strongest leads in history</h3>\n<div class=\"scroll\"><table>\n<thead><tr><th class=\"text\">today</th>"
      "<th class=\"text\">the other's next day</th><th>history</th><th>simulation</th><th>difference</th>"
      "<th>same date, history</th></tr></thead>\n<tbody>\n";
  for (const auto& [i, j] : strongest_leads(all))
    out += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"text\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        html_escape(all.history[i].symbol), html_escape(all.history[j].symbol), readable(all.history_lead(i, j)),
        readable(all.simulation_lead(i, j)), readable(all.simulation_lead(i, j) - all.history_lead(i, j)),
        readable(all.history_correlation(i, j)));
  return out + "</tbody></table></div>\n";
}

std::string cross_section(const Comparison& all) {
  if (all.history.size() < 2) return {};
  std::vector<std::string> symbols;
  symbols.reserve(all.history.size());
  for (const auto& series : all.history) symbols.push_back(series.symbol);
  constexpr std::string_view kRows = "today";
  constexpr std::string_view kColumns = "next common date";
  std::string out =
      "<h2 id=\"together\">Moving together</h2>\n<p class=\"soft\">Correlations of daily returns on the dates that "
      "two symbols share. Differences are simulation less history, with a colour scale three times as sharp.</p>\n"
      "<h3>On the same date</h3>\n<div class=\"figures\">\n";
  out += heat_map({"History", {}, {}}, all.history_correlation, symbols, 1.0);
  out += heat_map({"Simulation", {}, {}}, all.simulation_correlation, symbols, 1.0);
  out += heat_map({"Difference", {}, {}}, difference(all.simulation_correlation, all.history_correlation), symbols,
                  1.0 / 3);
  out += "</div>\n<h3>Who leads: today's return with the other's next one</h3>\n<div class=\"figures\">\n";
  out += heat_map({"History", kRows, kColumns}, all.history_lead, symbols, 0.6);
  out += heat_map({"Simulation", kRows, kColumns}, all.simulation_lead, symbols, 0.6);
  out += heat_map({"Difference", kRows, kColumns}, difference(all.simulation_lead, all.history_lead), symbols, 0.2);
  return out + "</div>\n" + lead_table(all);
}

std::string symbol_section(const PageInput& input, std::size_t i) {
  const auto& all = input.comparison;
  const auto& history = all.history[i];
  const auto& simulation = all.simulation[i];
  const Tally counts = tally(all, i);
  std::vector<const DailySeries*> simulations{&simulation};
  for (const auto& other : input.others) simulations.push_back(&other[i]);
  std::string figures = price_paths(history, simulations) + price_fan(history, simulations) +
                        return_quantiles(history, simulation) + return_acf(history, simulation) +
                        magnitude_acf(history, simulation) + range_acf(history, simulation) +
                        volume_acf(history, simulation);
  const auto profile = std::ranges::find(input.profiles, history.symbol, &DayProfile::symbol);
  if (profile != input.profiles.end()) figures += volume_through_day(*profile) + volatility_through_day(*profile);
  return fmt::format(
      "<details{}><summary>{} <span>{} of {} facts inside; closest stretch {}</span></summary>\n"
      "<div class=\"figures\">\n{}</div>\n{}</details>\n",
      i == 0 ? " open" : "", html_escape(history.symbol), counts.inside, counts.counted,
      readable(all.closest[i].correlation), figures, fact_table(all, i));
}

std::string symbols_section(const PageInput& input) {
  std::string out =
      "<h2 id=\"symbols\">Symbol by symbol</h2>\n<p class=\"soft\">History has daily bars alone, so the pictures "
      "through the day show the simulation's ticks.</p>\n";
  for (std::size_t i = 0; i < input.comparison.history.size(); ++i) out += symbol_section(input, i);
  return out;
}

std::string method_section(const PageInput& input) {
  std::string out = fmt::format(
      "<h2 id=\"method\">How this was made</h2>\n<dl>\n"
      "<dt>Bands</dt><dd>Stationary bootstrap (Politis and Romano 1994) of whole dates of history: blocks begin "
      "anywhere, are {:.0f} sessions long in the mean, and are the same for all symbols. {} replicates, each with as "
      "many sessions as the simulation; a band reaches from the 2.5 % to the 97.5 % percentile.</dd>\n"
      "<dt>What counts</dt><dd>A fact needs {} values. One that history has and the simulation lacks is outside.</dd>\n"
      "<dt>Closest stretch</dt><dd>The highest correlation of any 20 sessions of the simulation with any 20 of "
      "history, of returns over the volatility that was known the day before (exponentially weighted, decay 0.94). Fat "
      "tails make strangers alike: what two stretches of history that do not overlap reach stands beside it.</dd>\n"
      "<dt>Price fan</dt><dd>All stretches of that length, from starts five sessions apart: they overlap.</dd>\n",
      input.comparison.bands.mean_block, input.comparison.bands.replicates, kLeastValues);
  for (const auto& spec : fact_specs())
    out += fmt::format("<dt>{}</dt><dd>{}. {}.</dd>\n", spec.name, html_escape(spec.meaning), html_escape(spec.source));
  return out + "</dl>\n";
}

}  // namespace

double median_share(const std::vector<NamedScore>& scores) {
  std::vector<double> shares;
  shares.reserve(scores.size());
  for (const auto& each : scores) shares.push_back(each.score.share_inside);
  return quantile(shares, 0.5);
}

std::string report_page(const PageInput& input) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{} beside {}: simulation "
      "report</title>\n<style>{}</style>\n</head>\n<body>\n{}<main>\n{}{}{}{}{}{}</main>\n"
      "<footer>Made by stack report.</footer>\n</body>\n</html>\n",
      html_escape(input.simulation_name), html_escape(input.history_name), kPageStyle, header(input), summary(input),
      score_table(input.scores), facts_section(input), cross_section(input.comparison), symbols_section(input),
      method_section(input));
}

}  // namespace stack::realism
