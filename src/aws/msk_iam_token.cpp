#include "aws/msk_iam_token.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "aws/region.hpp"
#include "aws/signing.hpp"

namespace stack::aws {
namespace {

constexpr std::chrono::seconds kLifetime{900};
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::string base64url(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  unsigned pending = 0;
  int bits = 0;
  for (const char c : bytes) {
    pending = (pending << 8U) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) text += kBase64Url[(pending >> static_cast<unsigned>(bits - 6)) & 63U];
  }
  if (bits > 0) text += kBase64Url[(pending << static_cast<unsigned>(6 - bits)) & 63U];
  return text;
}

Result<MskIamToken> sign_msk_iam_token(const Credentials& credentials, std::string_view region, Micros now,
                                       std::string_view user_agent) {
  STACK_TRY(check_region(region));
  // The same domain in all partitions: the URL is never called, and the brokers' side expects it so.
  const auto url = fmt::format("https://kafka.{}.amazonaws.com/?Action=kafka-cluster%3AConnect", region);
  const SigningScope scope{.region = std::string{region}, .service = "kafka-cluster", .time = now};
  STACK_TRY_ASSIGN(signed_url, presign(url, kLifetime, credentials, scope));
  const auto signed_at = std::chrono::floor<std::chrono::seconds>(now);
  Micros expires = signed_at + kLifetime;
  if (credentials.expires) expires = std::min(expires, *credentials.expires);
  return MskIamToken{.text = base64url(fmt::format("{}&User-Agent={}", signed_url, percent_encoded(user_agent))),
                     .expires = expires};
}

}  // namespace stack::aws
