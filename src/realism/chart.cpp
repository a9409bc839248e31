#include "realism/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace stack::realism {
namespace {

// The picture's own units; the page scales it.
constexpr double kWidth = 340.0;
constexpr double kHeight = 210.0;
constexpr double kLeft = 50.0;
constexpr double kRight = 10.0;
constexpr double kTop = 8.0;
constexpr double kBottom = 34.0;

double round_step(double rough) {
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  const double lead = rough / power;
  return power * (lead <= 1.5 ? 1.0 : lead <= 3.5 ? 2.0 : lead <= 7.5 ? 5.0 : 10.0);
}

}  // namespace

std::string html_escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

AxisRange AxisRange::none() {
  return {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
}

void AxisRange::include(std::span<const double> values) {
  for (const double v : values) {
    if (!std::isfinite(v)) continue;
    low = std::min(low, v);
    high = std::max(high, v);
  }
}

AxisRange AxisRange::with_margin(double share) const {
  if (!(low <= high)) return {0.0, 1.0};
  const double length = high > low ? high - low : std::max(std::fabs(low), 1.0);
  return {low - share * length, high + share * length};
}

std::vector<AxisTick> round_ticks(const AxisRange& range, int count) {
  std::vector<AxisTick> ticks;
  const double step = round_step((range.high - range.low) / count);
  const int decimals = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
  for (double i = std::ceil(range.low / step - 1e-9); i * step <= range.high + 1e-9 * step; i += 1.0)
    ticks.push_back({i * step, fmt::format("{}{:.{}f}", i < 0.0 ? "−" : "", std::fabs(i * step), decimals)});
  return ticks;
}

std::vector<AxisTick> log_ticks(const AxisRange& range, int count) {
  const double low = std::exp(range.low);
  const double high = std::exp(range.high);
  std::vector<AxisTick> ticks;
  if (high / low < 4.0) {
    for (const auto& tick : round_ticks({low, high}, count))
      if (tick.at > 0.0) ticks.push_back({std::log(tick.at), tick.label});
    return ticks;
  }
  for (int exponent = static_cast<int>(std::floor(std::log10(low))); std::pow(10.0, exponent) <= high; ++exponent) {
    for (const double lead : {1.0, 2.0, 5.0}) {
      const double value = lead * std::pow(10.0, exponent);
      if (value < low || value > high || (lead != 1.0 && high / low > 500.0)) continue;
      ticks.push_back({std::log(value), fmt::format("{:g}", value)});
    }
  }
  return ticks;
}

Chart::Chart(std::string_view title, const AxisRange& x, const AxisRange& y)
    : title_(title), x_(x), y_(y), x_ticks_(round_ticks(x, 5)), y_ticks_(round_ticks(y)) {}

Chart& Chart::x_ticks(std::vector<AxisTick> ticks) {
  x_ticks_ = std::move(ticks);
  return *this;
}

Chart& Chart::y_ticks(std::vector<AxisTick> ticks) {
  y_ticks_ = std::move(ticks);
  return *this;
}

Chart& Chart::labels(std::string_view x, std::string_view y) {
  x_label_ = x;
  y_label_ = y;
  return *this;
}

double Chart::px(double x) const { return kLeft + (x - x_.low) / (x_.high - x_.low) * (kWidth - kLeft - kRight); }

double Chart::py(double y) const {
  const double share = std::clamp((y - y_.low) / (y_.high - y_.low), -0.02, 1.02);
  return kHeight - kBottom - share * (kHeight - kTop - kBottom);
}

Chart& Chart::fill(std::span<const double> x, std::span<const double> low, std::span<const double> high,
                   std::string_view css) {
  std::string points;
  const auto add = [&](double at, double value) {
    if (std::isfinite(value)) points += fmt::format("{:.1f},{:.1f} ", px(at), py(value));
  };
  for (std::size_t i = 0; i < x.size(); ++i) add(x[i], high[i]);
  for (std::size_t i = x.size(); i-- > 0;) add(x[i], low[i]);
  if (!points.empty()) points.pop_back();
  body_ += fmt::format("<polygon class=\"{}\" points=\"{}\"/>\n", css, points);
  return *this;
}

Chart& Chart::line(std::span<const double> x, std::span<const double> y, std::string_view css) {
  std::string path;
  bool drawing = false;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool there = std::isfinite(y[i]);
    if (there) path += fmt::format("{}{:.1f} {:.1f}", drawing ? "L" : "M", px(x[i]), py(y[i]));
    drawing = there;
  }
  body_ += fmt::format("<path class=\"{}\" d=\"{}\"/>\n", css, path);
  return *this;
}

Chart& Chart::dots(std::span<const double> x, std::span<const double> y, std::string_view css) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isfinite(x[i]) && std::isfinite(y[i]))
      body_ += fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"1.8\"/>\n", css, px(x[i]), py(y[i]));
  }
  return *this;
}

Chart& Chart::columns(std::span<const double> x, std::span<const double> height, double width, std::string_view css) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(height[i])) continue;
    const double top = py(std::max(height[i], 0.0));
    const double bottom = py(std::min(height[i], 0.0));
    body_ += fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n", css,
                         px(x[i]), top, std::max(px(x[i] + width) - px(x[i]) - 1.0, 0.5), bottom - top);
  }
  return *this;
}

std::string Chart::frame() const {
  std::string out;
  for (const auto& tick : y_ticks_) {
    const double y = py(tick.at);
    out += fmt::format(
        "<line class=\"grid\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>"
        "<text class=\"tick end\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
        kLeft, y, kWidth - kRight, y, kLeft - 5.0, y + 3.5, html_escape(tick.label));
  }
  for (const auto& tick : x_ticks_) {
    const double x = px(tick.at);
    out += fmt::format(
        "<line class=\"axis\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>"
        "<text class=\"tick middle\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
        x, kHeight - kBottom, x, kHeight - kBottom + 3.0, x, kHeight - kBottom + 14.0, html_escape(tick.label));
  }
  out += fmt::format("<line class=\"axis\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", kLeft,
                     kHeight - kBottom, kWidth - kRight, kHeight - kBottom);
  if (!x_label_.empty())
    out += fmt::format("<text class=\"label middle\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
                       (kLeft + kWidth - kRight) / 2.0, kHeight - 5.0, html_escape(x_label_));
  if (!y_label_.empty())
    out += fmt::format("<text class=\"label middle\" transform=\"translate(10 {:.1f}) rotate(-90)\">{}</text>\n",
                       (kTop + kHeight - kBottom) / 2.0, html_escape(y_label_));
  return out;
}

std::string Chart::figure(std::string_view legend) const {
  return fmt::format(
      "<figure><figcaption>{0}</figcaption>\n<svg viewBox=\"0 0 {1} {2}\" role=\"img\" aria-label=\"{0}\">\n{3}{4}"
      "</svg>\n{5}</figure>\n",
      html_escape(title_), kWidth, kHeight, frame(), body_,
      legend.empty() ? std::string{} : fmt::format("<p class=\"legend\">{}</p>\n", legend));
}

}  // namespace stack::realism
