#include "kafka/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "kafka/client_log.hpp"

namespace stack::kafka {

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

Error no_broker_answers(const Connection& connection, std::string_view complaint) {
  return {ErrorKind::unreachable,
          fmt::format("no Kafka broker answers at {} within {:.0f} s{}{}; check that it runs and the address, "
                      "or give it longer with --connect-timeout",
                      connection.bootstrap_servers, std::chrono::duration<double>(connection.connect_timeout).count(),
                      complaint.empty() ? "" : ": ", complaint)};
}

Error unanswered(const Connection& connection, const ClientLog& log) {
  if (const auto login = log.login_error()) return login->error();
  return no_broker_answers(connection, log.latest());
}

Error not_configured(std::string_view reason) {
  static constexpr std::pair<std::string_view, std::string_view> kMeanings[] = {
      {"key values mismatch", "the key does not belong to the certificate (--kafka-key, --kafka-cert)"},
      {"ssl.key",
       "the file holds no private key in PEM form, or its password is missing or wrong (KAFKA_KEY_PASSWORD)"},
      {"ssl.keystore", "the file is no PKCS#12 store, or its password is missing or wrong (ssl.keystore.password)"},
      {"ssl.c", "the file holds no certificate in PEM form"}};
  const auto* meaning = std::ranges::find_if(
      kMeanings, [&](const auto& each) { return reason.find(each.first) != std::string_view::npos; });
  return {ErrorKind::usage, meaning == std::end(kMeanings)
                                ? fmt::format("Kafka client: {}", reason)
                                : fmt::format("Kafka client: {}: {}", reason, meaning->second)};
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
  if (connection.token_source) {
    log.login_by(connection.token_source);
    configure_token_login(conf.get());
  }
  return conf;
}

}  // namespace stack::kafka
