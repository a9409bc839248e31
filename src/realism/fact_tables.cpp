#include "realism/fact_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "realism/chart.hpp"

namespace stack::realism {
namespace {

struct VerdictText {
  std::string_view css;
  std::string_view mark;
  std::string_view word;
};

VerdictText text_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::inside:
      return {"inside", "✓", "inside"};
    case Verdict::outside:
      return {"outside", "✗", "outside"};
    case Verdict::absent:
      break;
  }
  return {"absent", "·", "not counted"};
}

void add(Tally& counts, const FactResult& fact) {
  counts.counted += fact.verdict != Verdict::absent ? 1U : 0U;
  counts.inside += fact.verdict == Verdict::inside ? 1U : 0U;
}

std::string tally_cell(const Tally& counts) { return fmt::format("<td>{}/{}</td>", counts.inside, counts.counted); }

// A band with history's value as a line and the simulation's as a dot.
std::string gauge(const FactResult& fact) {
  if (fact.verdict == Verdict::absent) return {};
  constexpr double kWidth = 130.0;
  constexpr double kEdge = 0.3;  // of the picture on either side of the band
  const double length = std::max(fact.band.high - fact.band.low, 1e-12);
  const auto x_of = [&](double value) {
    const double share = kEdge + (value - fact.band.low) / length * (1.0 - 2.0 * kEdge);
    return kWidth * std::clamp(share, 0.03, 0.97);
  };
  std::string dot;
  if (std::isfinite(fact.simulation))
    dot = fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"8\" r=\"4\"/>", text_of(fact.verdict).css,
                      x_of(fact.simulation));
  return fmt::format(
      "<svg class=\"gauge\" viewBox=\"0 0 130 16\" aria-hidden=\"true\"><rect class=\"band\" x=\"{0:.1f}\" y=\"3\" "
      "width=\"{1:.1f}\" height=\"10\" rx=\"3\"/><line class=\"history\" x1=\"{2:.1f}\" y1=\"1\" x2=\"{2:.1f}\" "
      "y2=\"15\" stroke-width=\"2\"/>{3}</svg>",
      kWidth * kEdge, kWidth * (1.0 - 2.0 * kEdge), x_of(fact.history), dot);
}

int decimals_of(Fact fact) { return fact == Fact::volatility ? 4 : 3; }

std::string matrix_cell(const std::string& symbol, const FactSpec& spec, const FactResult& fact) {
  const auto text = text_of(fact.verdict);
  const int decimals = decimals_of(spec.fact);
  return fmt::format("<td class=\"mark {}\" title=\"{} {}: history {}, simulation {}, band {} to {}: {}\">{}</td>",
                     text.css, html_escape(symbol), spec.name, readable(fact.history, decimals),
                     readable(fact.simulation, decimals), readable(fact.band.low, decimals),
                     readable(fact.band.high, decimals), text.word, text.mark);
}

}  // namespace

std::string readable(double value, int decimals) {
  if (!std::isfinite(value)) return "–";
  const double size = std::fabs(value);
  const int kept = size >= 100.0 ? 0 : size >= 10.0 ? 1 : decimals;
  const auto digits = fmt::format("{:.{}f}", size, kept);
  const bool is_zero = digits.find_first_not_of("0.") == std::string::npos;
  return (value < 0.0 && !is_zero ? "−" : "") + digits;
}

std::string percent(double share) { return std::isfinite(share) ? fmt::format("{:.1f} %", 100.0 * share) : "–"; }

Tally tally(const Comparison& comparison, std::size_t i) {
  Tally counts;
  for (const auto& fact : comparison.facts[i]) add(counts, fact);
  return counts;
}

std::string fact_matrix(const Comparison& comparison) {
  const std::size_t symbols = comparison.history.size();
  std::string out = "<div class=\"scroll\"><table class=\"matrix\">\n<thead><tr><th class=\"text\">fact</th>";
  for (const auto& series : comparison.history) out += fmt::format("<th>{}</th>", html_escape(series.symbol));
  out += "<th>inside</th></tr></thead>\n<tbody>\n";
  for (std::size_t k = 0; k < kFactCount; ++k) {
    const auto& spec = fact_specs()[k];
    Tally row;
    out += fmt::format("<tr><th scope=\"row\" title=\"{}\">{}</th>", html_escape(spec.meaning), spec.name);
    for (std::size_t i = 0; i < symbols; ++i) {
      add(row, comparison.facts[i][k]);
      out += matrix_cell(comparison.history[i].symbol, spec, comparison.facts[i][k]);
    }
    out += fmt::format("{}</tr>\n", tally_cell(row));
  }
  out += "<tr><th scope=\"row\">inside</th>";
  for (std::size_t i = 0; i < symbols; ++i) out += tally_cell(tally(comparison, i));
  return out + fmt::format("{}</tr>\n</tbody></table></div>\n", tally_cell({comparison.inside, comparison.pairs}));
}

std::string fact_table(const Comparison& comparison, std::size_t i) {
  std::string out =
      "<div class=\"scroll\"><table>\n<thead><tr><th class=\"text\">fact</th><th class=\"text\">what it is</th>"
      "<th>history</th><th>simulation</th><th>band from</th><th>to</th><th></th><th></th></tr></thead>\n<tbody>\n";
  for (std::size_t k = 0; k < kFactCount; ++k) {
    const auto& spec = fact_specs()[k];
    const auto& fact = comparison.facts[i][k];
    const auto text = text_of(fact.verdict);
    const int decimals = decimals_of(spec.fact);
    out += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"meaning\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
        "<td>{}</td><td class=\"text {}\">{} {}</td></tr>\n",
        spec.name, html_escape(spec.meaning), readable(fact.history, decimals), readable(fact.simulation, decimals),
        readable(fact.band.low, decimals), readable(fact.band.high, decimals), gauge(fact), text.css, text.mark,
        text.word);
  }
  return out + "</tbody></table></div>\n";
}

}  // namespace stack::realism
