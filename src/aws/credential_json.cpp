#include "aws/credential_json.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <chrono>
#include <utility>

namespace stack::aws {
namespace {

std::optional<std::string> text_member(const simdjson::dom::object& object, std::string_view name) {
  std::string_view value;
  if (object.at_key(name).get(value) != simdjson::SUCCESS) return std::nullopt;
  return std::string{value};
}

std::optional<Credentials> credentials_of(const simdjson::dom::object& object, std::string source, bool lower) {
  const auto member = [&](std::string_view name) {
    std::string written{name};
    if (lower) written.front() = static_cast<char>(written.front() - 'A' + 'a');
    return text_member(object, written);
  };
  const auto key = member("AccessKeyId");
  const auto secret = member("SecretAccessKey");
  if (!key || !secret || key->empty() || secret->empty()) return std::nullopt;
  auto token = member("Token");
  if (!token) token = member("SessionToken");
  Credentials found{.access_key_id = *key,
                    .secret_access_key = *secret,
                    .session_token = token.value_or(""),
                    .expires = std::nullopt,
                    .source = std::move(source)};
  std::int64_t milliseconds = 0;
  if (const auto expiration = member("Expiration"); expiration && !expiration->empty()) {
    found.expires = parse_expiration(*expiration);
    if (!found.expires) return std::nullopt;
  } else if (object.at_key("expiration").get(milliseconds) == simdjson::SUCCESS) {
    found.expires = Micros{std::chrono::milliseconds{milliseconds}};
  }
  return found;
}

}  // namespace

std::optional<Credentials> parse_credentials(std::string_view json, std::string source) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS) return std::nullopt;
  simdjson::dom::object nested;  // SSO's
  if (object.at_key("roleCredentials").get(nested) == simdjson::SUCCESS)
    return credentials_of(nested, std::move(source), true);
  return credentials_of(object, std::move(source), false);
}

std::optional<Micros> parse_expiration(std::string_view text) {
  if (text.ends_with("UTC")) text.remove_suffix(3);
  std::chrono::minutes offset{0};
  constexpr std::size_t kOffset = 6;  // +01:00
  if (const auto sign = text.size() < kOffset ? '\0' : text[text.size() - kOffset]; sign == '+' || sign == '-') {
    const auto time = parse_micros(fmt::format("1970-01-01 {}:00", text.substr(text.size() - kOffset + 1)));
    if (!time) return std::nullopt;
    offset = std::chrono::duration_cast<std::chrono::minutes>(time->time_since_epoch()) * (sign == '+' ? 1 : -1);
    text.remove_suffix(kOffset);
  }
  const auto instant = parse_micros(text);
  return instant ? std::optional{*instant - offset} : std::nullopt;
}

std::optional<std::string> json_text(std::string_view json, std::string_view member) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS) return std::nullopt;
  return text_member(object, member);
}

}  // namespace stack::aws
