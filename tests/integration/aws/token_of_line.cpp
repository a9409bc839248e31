// The token signer of src/aws from outside, with the clock held: reads lines of tab-separated region, microseconds
// since 1970, access key id, secret, session token (may be empty) and user agent, and prints each one's token and the
// millisecond at which it expires.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "aws/msk_iam_token.hpp"

namespace {

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields{""};
  for (const char c : line) {
    if (c == '\t')
      fields.emplace_back();
    else
      fields.back() += c;
  }
  return fields;
}

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto fields = fields_of(line);
    if (fields.size() != 6) return 2;
    const stack::Micros now{std::chrono::microseconds{std::strtoll(fields[1].c_str(), nullptr, 10)}};
    const stack::aws::Credentials credentials{.access_key_id = fields[2],
                                              .secret_access_key = fields[3],
                                              .session_token = fields[4],
                                              .expires = std::nullopt,
                                              .source = "the test"};
    const auto token = stack::aws::sign_msk_iam_token(credentials, fields[0], now, fields[5]);
    if (!token) {
      fmt::print(stderr, "{}\n", token.error().message);
      return static_cast<int>(token.error().kind);
    }
    const auto expires = std::chrono::floor<std::chrono::milliseconds>(token->expires.time_since_epoch());
    fmt::print("{}\t{}\n", token->text, expires.count());
  }
  return 0;
}
