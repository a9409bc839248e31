// One scrape's answer: samples by metric, in the text form that Prometheus reads (version 0.0.4,
// https://prometheus.io/docs/instrumenting/exposition_formats/).
// Nothing is kept between scrapes: who has figures counts them as it likes, and adds them here when asked.
// Thread-safety: one thread. Never fails.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/latency_histogram.hpp"

namespace stack::telemetry {

inline constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

enum class MetricType { counter, gauge, histogram };

// What is measured. A counter's name ends in _total; a unit is a base unit (seconds, bytes) and part of the name.
struct Metric {
  std::string_view name;
  MetricType type = MetricType::counter;
  std::string_view help;
};

using Label = std::pair<std::string_view, std::string_view>;
using Labels = std::initializer_list<Label>;

class Exposition {
 public:
  void add(const Metric& metric, double value, Labels labels = {});
  // For all unsigned counters. Exact below 2^53, which is what a scraper keeps.
  void add(const Metric& metric, std::uint64_t value, Labels labels = {}) {
    add(metric, static_cast<double>(value), labels);
  }
  // Cumulative buckets from half a millisecond to five minutes, each right to within an eighth of its bound and never
  // too full; sum in seconds.
  void add(const Metric& metric, const LatencyHistogram& histogram, Labels labels = {});

  // All samples, those of one metric together, metrics in the order in which they came first.
  [[nodiscard]] std::string text() const;

 private:
  struct Family {
    std::string_view name;
    std::string text;
  };
  std::string& samples_of(const Metric& metric);

  std::vector<Family> families_;
};

}  // namespace stack::telemetry
