#include "kafka/properties.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "core/nearest_name.hpp"
#include "kafka/handles.hpp"

namespace stack::kafka {
namespace {

// Properties that decide between "exactly once" and "perhaps": ours to set.
constexpr std::array<std::string_view, 19> kRefused = {"isolation.level",
                                                       "enable.auto.commit",
                                                       "auto.commit.enable",
                                                       "enable.auto.offset.store",
                                                       "acks",
                                                       "request.required.acks",
                                                       "enable.idempotence",
                                                       "transactional.id",
                                                       "group.id",
                                                       "group.instance.id",
                                                       "auto.offset.reset",
                                                       "bootstrap.servers",
                                                       "metadata.broker.list",
                                                       "partition.assignment.strategy",
                                                       "enable.partition.eof",
                                                       "delivery.report.only.error",
                                                       "enable.gapless.guarantee",
                                                       "partitioner",
                                                       "sticky.partitioning.linger.ms"};

// A sink that was killed must be out of its group soon, for another to take its partitions.
constexpr int kLongestSessionMs = 10'000;

// Parts of names; a shell command and a free-form configuration may hold a password too.
constexpr std::array<std::string_view, 8> kSecrets = {"password", "passphrase",         "secret",  "token",
                                                      "jaas",     "oauthbearer.config", "key.pem", "kinit.cmd"};
// What may be shown of a text that should begin with a name: keys and tokens have capitals.
constexpr std::string_view kNameLetters = "abcdefghijklmnopqrstuvwxyz0123456789._-";
constexpr std::size_t kShortestSecret = 4;
constexpr std::string_view kRedacted = "[redacted]";

bool is_secret(std::string_view name) {
  if (name.ends_with("token.endpoint.url")) return false;
  return std::ranges::any_of(kSecrets,
                             [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

// The first column of librdkafka's table of properties, which it prints for documentation.
std::vector<std::string> names_of_table() {
  char* table = nullptr;
  std::size_t size = 0;
  std::FILE* stream = ::open_memstream(&table, &size);
  if (stream == nullptr) return {};
  rd_kafka_conf_properties_show(stream);
  std::fclose(stream);
  const std::unique_ptr<char, decltype(&std::free)> owned{table, &std::free};
  std::vector<std::string> names;
  for (std::string_view rest{table, size}; !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const auto name = line.substr(0, line.find(' '));
    const bool is_row = line.find(" | ") != std::string_view::npos && name != "Property";
    if (is_row && line.find("see dedicated API") == std::string_view::npos) names.emplace_back(name);
  }
  std::ranges::sort(names);
  const auto twice = std::ranges::unique(names);
  names.erase(twice.begin(), twice.end());
  return names;
}

}  // namespace

const std::vector<std::string>& property_names() {
  static const std::vector<std::string> names = names_of_table();
  return names;
}

Result<void> check_property_name(std::string_view name, std::string_view origin) {
  const ConfHandle probe{rd_kafka_conf_new()};
  const std::string text{name};
  std::array<char, 512> reason{};
  const auto known = rd_kafka_conf_set(probe.get(), text.c_str(), "", reason.data(), reason.size());
  if (known != RD_KAFKA_CONF_UNKNOWN) return {};
  // librdkafka has words of its own for what is Java's.
  const std::string_view said = reason.data();
  const bool java = said.find("Java") != std::string_view::npos;
  const std::vector<std::string_view> names(property_names().begin(), property_names().end());
  const auto nearest = nearest_name(name, names);
  return fail(ErrorKind::usage,
              fmt::format("{}: Kafka property {} is unknown{}{}", origin, name,
                          java ? fmt::format(": {}", said) : std::string{},
                          nearest.empty() || java ? std::string{} : fmt::format("; did you mean {}?", nearest)));
}

Result<void> check_property(const std::string& name, const std::string& value, std::string_view origin) {
  if (std::ranges::find(kRefused, name) != kRefused.end())
    return fail(ErrorKind::usage,
                fmt::format("{}: {} is set by this program, whose exactly-once depends on it", origin, name));
  STACK_TRY(check_property_name(name, origin));
  const ConfHandle probe{rd_kafka_conf_new()};
  std::array<char, 512> reason{};
  if (rd_kafka_conf_set(probe.get(), name.c_str(), value.c_str(), reason.data(), reason.size()) != RD_KAFKA_CONF_OK)
    return fail(ErrorKind::usage, fmt::format("{}: {}={}: {}", origin, name, redacted(name, value),
                                              is_secret(name) ? "not a valid value" : reason.data()));
  // As librdkafka understood it: it takes 0x10 and 010, too.
  if (name == "session.timeout.ms" && std::atoi(property_of(*probe, name.c_str()).c_str()) > kLongestSessionMs)
    return fail(ErrorKind::usage, fmt::format("{}: {}={}: at most {}, or a sink that was killed keeps its partitions "
                                              "for longer",
                                              origin, name, value, kLongestSessionMs));
  return {};
}

Result<Properties> parse_properties(std::span<const std::string> texts, std::string_view origin) {
  Properties properties;
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    const std::string_view front{text.data(), std::min(equals, text.size())};
    const bool is_name = !front.empty() && front.find_first_not_of(kNameLetters) == std::string_view::npos;
    if (equals == std::string::npos || !is_name)
      return fail(ErrorKind::usage, fmt::format("{}: number {} is not NAME=VALUE; a value of several lines goes into "
                                                "the table [kafka] of stack.toml",
                                                origin, properties.size() + 1));
    auto name = text.substr(0, equals);
    auto value = text.substr(equals + 1);
    STACK_TRY(check_property(name, value, origin));
    properties.emplace_back(std::move(name), std::move(value));
  }
  return properties;
}

std::string property_of(const rd_kafka_conf_t& conf, const char* name) {
  std::size_t size = 0;
  if (rd_kafka_conf_get(&conf, name, nullptr, &size) != RD_KAFKA_CONF_OK || size <= 1) return {};
  std::string text(size, '\0');  // with room for the terminating zero
  if (rd_kafka_conf_get(&conf, name, text.data(), &size) != RD_KAFKA_CONF_OK) return {};
  text.resize(text.find('\0'));
  return text;
}

std::string redacted(std::string_view name, std::string_view value) {
  return std::string{is_secret(name) ? kRedacted : value};
}

std::vector<std::string> secrets_of(const rd_kafka_conf_t& conf) {
  std::vector<std::string> secrets;
  for (const auto& name : property_names()) {
    if (!is_secret(name)) continue;
    auto value = property_of(conf, name.c_str());
    if (value.size() >= kShortestSecret && name != "sasl.kerberos.kinit.cmd") secrets.push_back(std::move(value));
  }
  return secrets;
}

std::string without_secrets(std::string text, std::span<const std::string> secrets) {
  for (const auto& secret : secrets)
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + kRedacted.size()))
      text.replace(at, secret.size(), kRedacted);
  return text;
}

}  // namespace stack::kafka
