#include "kafka/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "kafka/client_log.hpp"

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

constexpr std::array<std::string_view, 7> kSecrets = {"password", "passphrase",         "secret", "token",
                                                      "jaas",     "oauthbearer.config", "key.pem"};

// As librdkafka understood it: it takes 0x10 and 010, too.
int whole_property(const rd_kafka_conf_t* conf, const std::string& name) {
  std::array<char, 32> text{};
  std::size_t size = text.size();
  if (rd_kafka_conf_get(conf, name.c_str(), text.data(), &size) != RD_KAFKA_CONF_OK) return 0;
  return std::atoi(text.data());  // NOLINT(cert-err34-c): librdkafka printed it
}

}  // namespace

std::string redacted(std::string_view name, std::string_view value) {
  const bool secret =
      std::ranges::any_of(kSecrets, [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
  return std::string{secret ? std::string_view{"[redacted]"} : value};
}

Result<void> check_servers(std::string_view servers) {
  for (std::string_view rest = servers; !rest.empty();) {
    const std::string_view server = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), server.size() + 1));
    std::string_view address = server;
    if (const auto scheme = address.find("://"); scheme != std::string_view::npos) address.remove_prefix(scheme + 3);
    const auto colon = address.rfind(':');
    const bool ported = colon != std::string_view::npos && address.find(']', colon) == std::string_view::npos;
    const std::string_view port = ported ? address.substr(colon + 1) : "9092";
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    const bool sound = error == std::errc{} && end == port.data() + port.size() && number >= 1 && number <= 65535;
    if (!sound || address.substr(0, colon).empty())
      return fail(ErrorKind::usage, fmt::format("--bootstrap-servers: \"{}\" is not HOST:PORT", server));
  }
  return {};
}

Result<Properties> parse_properties(std::span<const std::string> texts) {
  Properties properties;
  const ConfHandle probe{rd_kafka_conf_new()};
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(ErrorKind::usage, fmt::format("--kafka-property: \"{}\" is not NAME=VALUE", text));
    const std::string name = text.substr(0, equals);
    const std::string value = text.substr(equals + 1);
    if (std::ranges::find(kRefused, name) != kRefused.end())
      return fail(ErrorKind::usage,
                  fmt::format("--kafka-property: {} is set by this program, whose exactly-once depends on it", name));
    std::array<char, 512> reason{};
    if (rd_kafka_conf_set(probe.get(), name.c_str(), value.c_str(), reason.data(), reason.size()) != RD_KAFKA_CONF_OK)
      return fail(ErrorKind::usage, fmt::format("--kafka-property {}={}: {}", name, redacted(name, value),
                                                redacted(name, value) == value ? reason.data() : "not a valid value"));
    if (name == "session.timeout.ms" && whole_property(probe.get(), name) > kLongestSessionMs)
      return fail(ErrorKind::usage,
                  fmt::format("--kafka-property {}={}: at most {}, or a sink that was killed keeps its "
                              "partitions for longer",
                              name, value, kLongestSessionMs));
    properties.emplace_back(name, value);
  }
  return properties;
}

Error no_broker_answers(const Connection& connection, std::string_view complaint) {
  return {ErrorKind::unreachable,
          fmt::format("no Kafka broker answers at {} within {:.0f} s{}{}; check that it runs and the address, "
                      "or give it longer with --connect-timeout",
                      connection.bootstrap_servers, std::chrono::duration<double>(connection.connect_timeout).count(),
                      complaint.empty() ? "" : ": ", complaint)};
}

Result<ConfHandle> make_conf(const Connection& connection, std::span<const std::pair<const char*, const char*>> fixed,
                             ClientLog& log) {
  ConfHandle conf{rd_kafka_conf_new()};
  std::array<char, 512> reason{};
  const auto set = [&](const char* name, const char* value) -> Result<void> {
    if (rd_kafka_conf_set(conf.get(), name, value, reason.data(), reason.size()) == RD_KAFKA_CONF_OK) return {};
    return fail(ErrorKind::usage, fmt::format("Kafka property {}: {}", name, reason.data()));
  };
  STACK_TRY(set("bootstrap.servers", connection.bootstrap_servers.c_str()));
  STACK_TRY(set("client.id", "stack"));
  // A laptop's broker comes back within a second or two: look again soon.
  STACK_TRY(set("reconnect.backoff.ms", "50"));
  STACK_TRY(set("reconnect.backoff.max.ms", "1000"));
  for (const auto& [name, value] : fixed) STACK_TRY(set(name, value));
  for (const auto& [name, value] : connection.properties) STACK_TRY(set(name.c_str(), value.c_str()));
  log.observe(connection.observer);
  log.attach(conf.get());
  return conf;
}

}  // namespace stack::kafka
