// What a deployment on AWS costs a month, by list prices that the program knows.
// Thread-safety: pure. Failure: ErrorKind::usage for a type of machine whose price is not known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace stack::deployment {

// Whose prices, and when they were last compared with what is published; other regions are up to a quarter dearer.
inline constexpr std::string_view kPriceRegion = "us-east-1";
inline constexpr std::string_view kPriceDate = "2026-09";

struct DeploymentSize {
  bool msk = false;
  bool makes_network = true;
  bool parquet = true;
  std::string instance_type = "t3.small";
  double disk_gib = 20;
  double events_per_day = 864'000;
  double stored_gb = 0;    // in the lake
  double scanned_gb = 10;  // by Athena, a month
  double crawls = 0;       // of Glue's crawler, a month
};

struct CostLine {
  std::string what;
  std::string basis;  // how it is worked out
  double dollars = 0;
};

// Bytes of an event in the lake, as measured (docs/s3-costs.md).
[[nodiscard]] double bytes_an_event(bool parquet);
[[nodiscard]] Result<std::vector<CostLine>> monthly_cost(const DeploymentSize& size);
// Until a topic on the machine, which keeps everything, has filled its disk.
[[nodiscard]] double disk_days(const DeploymentSize& size);
[[nodiscard]] double total_of(const std::vector<CostLine>& lines);

}  // namespace stack::deployment
