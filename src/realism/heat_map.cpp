#include "realism/heat_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "realism/chart.hpp"

namespace stack::realism {
namespace {

constexpr double kCell = 26.0;
constexpr double kMargin = 68.0;  // for the symbols' names
constexpr double kLabelHeight = 22.0;

struct Colour {
  double red = 0.0;
  double green = 0.0;
  double blue = 0.0;
};

constexpr Colour kNegative{179, 88, 6};
constexpr Colour kZero{247, 247, 247};
constexpr Colour kPositive{33, 102, 172};

Colour blend(const Colour& from, const Colour& to, double share) {
  return {from.red + share * (to.red - from.red), from.green + share * (to.green - from.green),
          from.blue + share * (to.blue - from.blue)};
}

// Without the zero before the point: .45, -.08, 1.0.
std::string short_number(double value) {
  if (std::fabs(value) >= 0.995) return fmt::format("{:.1f}", value);
  const std::string digits = fmt::format("{:.2f}", std::fabs(value)).substr(1);
  return digits == ".00" ? "0" : fmt::format("{}{}", value < 0.0 ? "−" : "", digits);
}

std::string cell(double x, double y, double value, double full) {
  if (std::isnan(value))
    return fmt::format("<rect class=\"missing\" x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\"/>\n", x, y,
                       kCell - 1.0, kCell - 1.0);
  const double share = std::min(std::fabs(value) / full, 1.0);
  const Colour colour = blend(kZero, value < 0.0 ? kNegative : kPositive, share);
  return fmt::format(
      "<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\" fill=\"rgb({:.0f},{:.0f},{:.0f})\"/>"
      "<text class=\"cell\" x=\"{:.1f}\" y=\"{:.1f}\" fill=\"{}\">{}</text>\n",
      x, y, kCell - 1.0, kCell - 1.0, colour.red, colour.green, colour.blue, x + kCell / 2.0 - 0.5,
      y + kCell / 2.0 + 3.0, share > 0.55 ? "#fff" : "#222", short_number(value));
}

std::string cut(std::string_view name) {
  constexpr std::size_t kLongest = 10;
  return html_escape(name.size() <= kLongest ? name : name.substr(0, kLongest));
}

}  // namespace

Matrix difference(const Matrix& a, const Matrix& b) {
  Matrix result{a.size()};
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < a.size(); ++j) result(i, j) = a(i, j) - b(i, j);
  return result;
}

std::string heat_map(const HeatMapLabels& labels, const Matrix& matrix, std::span<const std::string> symbols,
                     double full) {
  const double side = kCell * static_cast<double>(matrix.size());
  std::string body;
  for (std::size_t i = 0; i < matrix.size(); ++i) {
    const double at = kMargin + kCell * (static_cast<double>(i) + 0.5);
    body += fmt::format("<text class=\"tick end\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", kMargin - 5.0, at + 3.0,
                        cut(symbols[i]));
    body += fmt::format("<text class=\"tick\" transform=\"translate({:.1f} {:.1f}) rotate(-60)\">{}</text>\n", at + 2.0,
                        kMargin - 6.0, cut(symbols[i]));
    for (std::size_t j = 0; j < matrix.size(); ++j)
      body +=
          cell(kMargin + kCell * static_cast<double>(j), kMargin + kCell * static_cast<double>(i), matrix(i, j), full);
  }
  const double width = std::max(kMargin + side + 14.0, 340.0);
  if (!labels.rows.empty())
    body += fmt::format("<text class=\"label\" x=\"{:.1f}\" y=\"{:.1f}\">rows: {}; columns: {}</text>\n", kMargin,
                        kMargin + side + 16.0, html_escape(labels.rows), html_escape(labels.columns));
  return fmt::format(
      "<figure><figcaption>{0}</figcaption>\n<svg viewBox=\"0 0 {1:.0f} {2:.0f}\" role=\"img\" aria-label=\"{0}\">\n{3}"
      "</svg></figure>\n",
      html_escape(labels.title), width, kMargin + side + (labels.rows.empty() ? 2.0 : kLabelHeight), body);
}

}  // namespace stack::realism
