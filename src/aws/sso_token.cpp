#include "aws/sso_token.hpp"

#include <aws/cal/hash.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>

#include "aws/credential_json.hpp"
#include "aws/endpoint.hpp"
#include "aws/http_message.hpp"
#include "aws/region.hpp"
#include "aws/runtime.hpp"
#include "core/unique_fd.hpp"

namespace stack::aws {
namespace {

// Renewed this long before it ends, so that no request meets its end.
constexpr std::chrono::minutes kBefore{5};

using Fields = std::map<std::string, std::string>;  // member to JSON value

std::string sha1_hex(const std::string& text) {
  std::array<std::uint8_t, AWS_SHA1_LEN> digest{};
  aws_byte_buf output = aws_byte_buf_from_empty_array(digest.data(), digest.size());
  const auto input = cursor_of(text);
  aws_sha1_compute(Runtime::allocator(), &input, &output, 0);
  std::string hex;
  for (const auto byte : digest) hex += fmt::format("{:02x}", byte);
  return hex;
}

std::string json_quoted(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + '"';
}

Fields read_fields(const std::string& json) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  Fields fields;
  if (parser.parse(json).get(object) != simdjson::SUCCESS) return fields;
  for (const auto& [name, value] : object) fields.emplace(name, simdjson::minify(value));
  return fields;
}

std::string json_of(const Fields& fields) {
  std::string json;
  for (const auto& [name, value] : fields)
    json += fmt::format("{}{}:{}", json.empty() ? "" : ",", json_quoted(name), value);
  return "{" + json + "}";
}

// For the user alone, and in one piece. That it cannot be written costs the next process a login, not this one.
void write_private(const std::string& path, const std::string& text) {
  const auto fresh = fmt::format("{}.{}", path, ::getpid());
  bool whole = false;
  {
    const UniqueFd file{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)};
    whole = file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }
  if (!whole || std::rename(fresh.c_str(), path.c_str()) != 0) ::unlink(fresh.c_str());
}

Result<std::string> oidc_endpoint(const Environment& environment, const std::string& region) {
  STACK_TRY_ASSIGN(given, configured_endpoint("sso_oidc", environment));
  return given ? *given : fmt::format("https://oidc.{}.{}", region, domain_of(region));
}

Error log_in_again(const SsoSession& session, std::string_view why) {
  return {ErrorKind::access,
          fmt::format("profile {}: {}; run `aws sso login --profile {}`", session.profile, why, session.profile)};
}

Result<std::string> renewed(CredentialSearch& search, const SsoSession& session, const std::string& path,
                            const std::string& cached) {
  const auto client = json_text(cached, "clientId");
  const auto secret = json_text(cached, "clientSecret");
  const auto refresh = json_text(cached, "refreshToken");
  if (!client || !secret || !refresh)
    return std::unexpected(log_in_again(session, "the login of IAM Identity Center has expired"));
  STACK_TRY_ASSIGN(endpoint, oidc_endpoint(search.environment, session.region));
  const HttpRequest request{.method = "POST",
                            .url = endpoint + "/token",
                            .headers = {{"Content-Type", "application/json"}},
                            .body = json_of({{"clientId", json_quoted(*client)},
                                             {"clientSecret", json_quoted(*secret)},
                                             {"grantType", json_quoted("refresh_token")},
                                             {"refreshToken", json_quoted(*refresh)}})};
  auto response = http_call(request, search.deadline, search.stop);
  if (!response)
    return std::unexpected(
        std::move(response).error().within(fmt::format("renewing the login of profile {}", session.profile)));
  const auto token = json_text(response->body, "accessToken");
  auto answer = read_fields(response->body);
  if (response->status != 200 || !token || !answer.contains("expiresIn"))
    return std::unexpected(log_in_again(
        session, fmt::format("the login of IAM Identity Center cannot be renewed: {} says {}", host_of(request.url),
                             json_text(response->body, "error").value_or(fmt::format("HTTP {}", response->status)))));
  auto fields = read_fields(cached);
  fields["accessToken"] = answer["accessToken"];
  if (answer.contains("refreshToken")) fields["refreshToken"] = answer["refreshToken"];
  const auto lasts = std::chrono::seconds{std::atoll(answer["expiresIn"].c_str())};  // NOLINT(cert-err34-c): JSON's
  const auto expires = std::chrono::floor<std::chrono::seconds>(search.clock.now()) + lasts;
  auto text = format_micros(expires).substr(0, 19);
  text[10] = 'T';
  fields["expiresAt"] = json_quoted(text + "Z");
  write_private(path, json_of(fields));
  return *token;
}

}  // namespace

Result<std::string> sso_access_token(CredentialSearch& search, const SsoSession& session) {
  const auto path = fmt::format("{}/.aws/sso/cache/{}.json", search.environment.get("HOME").value_or(""),
                                sha1_hex(session.cache_key));
  std::ifstream in{path};
  const std::string cached{std::istreambuf_iterator<char>{in}, {}};
  const auto token = json_text(cached, "accessToken");
  const auto expires = parse_expiration(json_text(cached, "expiresAt").value_or(""));
  if (!token || !expires) return std::unexpected(log_in_again(session, "no login of IAM Identity Center is kept here"));
  if (*expires > search.clock.now() + kBefore) return *token;
  auto fresh = renewed(search, session, path, cached);
  if (!fresh && *expires > search.clock.now()) return *token;
  return fresh;
}

}  // namespace stack::aws
