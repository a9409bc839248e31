#include "telemetry/exposition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace stack::telemetry {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::array<microseconds, 18> kBounds = {microseconds{500}, milliseconds{1},   microseconds{2500},
                                                  milliseconds{5},   milliseconds{10},  milliseconds{25},
                                                  milliseconds{50},  milliseconds{100}, milliseconds{250},
                                                  milliseconds{500}, seconds{1},        microseconds{2'500'000},
                                                  seconds{5},        seconds{10},       seconds{30},
                                                  seconds{60},       seconds{120},      seconds{300}};

std::string_view type_name(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return "counter";
    case MetricType::gauge:
      return "gauge";
    case MetricType::histogram:
      return "histogram";
  }
  return "untyped";
}

// Backslashes and line breaks are escaped in help texts, quotes in label values as well.
void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\' || (quotes && c == '"')) out += '\\';
      out += c;
    }
  }
}

void append_labels(std::string& out, Labels labels, std::string_view bound = {}) {
  if (labels.size() == 0 && bound.empty()) return;
  char before = '{';
  const auto append = [&](std::string_view name, std::string_view value) {
    out += before;
    out.append(name).append("=\"");
    append_escaped(out, value, true);
    out += '"';
    before = ',';
  };
  for (const auto& [name, value] : labels) append(name, value);
  if (!bound.empty()) append("le", bound);
  out += '}';
}

void append_value(std::string& out, double value) {
  if (std::isnan(value)) {
    out += " NaN\n";
  } else if (std::isinf(value)) {
    out += value > 0 ? " +Inf\n" : " -Inf\n";
  } else {
    fmt::format_to(std::back_inserter(out), " {}\n", value);
  }
}

}  // namespace

std::string& Exposition::samples_of(const Metric& metric) {
  const auto known = std::ranges::find(families_, metric.name, &Family::name);
  if (known != families_.end()) return known->text;
  auto& text = families_.emplace_back(Family{metric.name, {}}).text;
  text.append("# HELP ").append(metric.name).append(" ");
  append_escaped(text, metric.help, false);
  text.append("\n# TYPE ").append(metric.name).append(" ").append(type_name(metric.type)).append("\n");
  return text;
}

void Exposition::add(const Metric& metric, double value, Labels labels) {
  std::string& out = samples_of(metric);
  out += metric.name;
  append_labels(out, labels);
  append_value(out, value);
}

// Smaller bounds are read first and the count last, so that what is recorded meanwhile never makes a bucket fuller than
// the next.
void Exposition::add(const Metric& metric, const LatencyHistogram& histogram, Labels labels) {
  std::string& out = samples_of(metric);
  const auto bucket = [&](std::string_view bound, std::uint64_t count) {
    out.append(metric.name).append("_bucket");
    append_labels(out, labels, bound);
    append_value(out, static_cast<double>(count));
  };
  for (const auto bound : kBounds)
    bucket(fmt::format("{}", std::chrono::duration<double>(bound).count()), histogram.count_up_to(bound));
  const auto count = histogram.count();
  bucket("+Inf", count);
  out.append(metric.name).append("_sum");
  append_labels(out, labels);
  append_value(out, histogram.sum_seconds());
  out.append(metric.name).append("_count");
  append_labels(out, labels);
  append_value(out, static_cast<double>(count));
}

std::string Exposition::text() const {
  std::string all;
  for (const auto& family : families_) all += family.text;
  return all;
}

}  // namespace stack::telemetry
