// A small picture with two axes, as SVG that a style sheet colours: curves, bands, dots and columns over a grid.
// Thread-safety: one thread. Never fails: points that are NaN are left out, and what lies beyond the axes is cut.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stack::realism {

// TEXT where HTML would read its own signs.
[[nodiscard]] std::string html_escape(std::string_view text);

struct AxisRange {
  double low = 0.0;
  double high = 1.0;

  // Widened to hold the values that are there.
  void include(std::span<const double> values);
  // With a margin of SHARE of its length on both sides; never empty.
  [[nodiscard]] AxisRange with_margin(double share) const;
  [[nodiscard]] static AxisRange none();  // holds nothing yet
};

struct AxisTick {
  double at = 0.0;
  std::string label;
};

// About COUNT round numbers within the range.
[[nodiscard]] std::vector<AxisTick> round_ticks(const AxisRange& range, int count = 4);
// Ticks of an axis of logarithms, labelled with the values themselves: 50, 100, 200.
[[nodiscard]] std::vector<AxisTick> log_ticks(const AxisRange& range, int count = 4);

class Chart {
 public:
  // TITLE is shown above the picture and read out in its stead. CSS classes of the parts: see page_style.hpp.
  Chart(std::string_view title, const AxisRange& x, const AxisRange& y);

  Chart& x_ticks(std::vector<AxisTick> ticks);  // default: round numbers
  Chart& y_ticks(std::vector<AxisTick> ticks);
  Chart& labels(std::string_view x, std::string_view y);

  Chart& fill(std::span<const double> x, std::span<const double> low, std::span<const double> high,
              std::string_view css);
  Chart& line(std::span<const double> x, std::span<const double> y, std::string_view css);
  Chart& dots(std::span<const double> x, std::span<const double> y, std::string_view css);
  // From 0 to HEIGHT, WIDTH wide, beginning at X.
  Chart& columns(std::span<const double> x, std::span<const double> height, double width, std::string_view css);

  // A <figure> with the title, the picture and what stands below it (HTML; may be empty).
  [[nodiscard]] std::string figure(std::string_view legend) const;

 private:
  [[nodiscard]] double px(double x) const;
  [[nodiscard]] double py(double y) const;
  [[nodiscard]] std::string frame() const;

  std::string title_;
  AxisRange x_;
  AxisRange y_;
  std::vector<AxisTick> x_ticks_;
  std::vector<AxisTick> y_ticks_;
  std::string x_label_;
  std::string y_label_;
  std::string body_;
};

}  // namespace stack::realism
