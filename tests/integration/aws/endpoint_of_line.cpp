// Where AWS's services answer: for each line "SERVICE REGION FIPS DUALSTACK" (0 or 1) on standard input one line "URL
// REGION", or "none".
#include <fmt/format.h>

#include <iostream>
#include <string>

#include "aws/endpoint.hpp"

int main() {
  std::string service;
  std::string region;
  bool fips = false;
  bool dual_stack = false;
  while (std::cin >> service >> region >> fips >> dual_stack) {
    const auto endpoint = stack::aws::aws_endpoint(service, region, {.fips = fips, .dual_stack = dual_stack});
    fmt::print("{}\n", endpoint ? fmt::format("{} {}", endpoint->url, endpoint->region) : "none");
  }
}
