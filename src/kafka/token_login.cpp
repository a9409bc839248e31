#include "kafka/token_login.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>
#include <utility>

#include "kafka/client_log.hpp"
#include "kafka/connection.hpp"
#include "kafka/handles.hpp"

namespace stack::kafka {
namespace {

using std::chrono::steady_clock;

constexpr Milliseconds kAskAgain{500};

Result<void> give(rd_kafka_t* client, const LoginToken& token) {
  std::array<char, 512> reason{};
  const auto expires_ms = std::chrono::floor<Milliseconds>(token.expires.time_since_epoch()).count();
  if (rd_kafka_oauthbearer_set_token(client, token.value.c_str(), expires_ms, token.principal.c_str(), nullptr, 0,
                                     reason.data(), reason.size()) == RD_KAFKA_RESP_ERR_NO_ERROR)
    return {};
  return fail(ErrorKind::usage, fmt::format("the login token is refused by the client: {}", reason.data()));
}

// On the client's background thread.
void on_token_due(rd_kafka_t* client, const char* /*config*/, void* opaque) {
  auto token = static_cast<const ClientLog*>(opaque)->token_source()();
  auto given = token ? give(client, *token) : Result<void>{std::unexpected(std::move(token).error())};
  if (!given) rd_kafka_oauthbearer_set_token_failure(client, given.error().message.c_str());
}

}  // namespace

void configure_token_login(rd_kafka_conf_t* conf) {
  rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, on_token_due);
  rd_kafka_conf_enable_sasl_queue(conf, 1);
}

Result<void> begin_token_login(rd_kafka_t* client, const Connection& connection, const StopFlag* stop) {
  if (!connection.token_source) return {};
  const auto deadline = steady_clock::now() + connection.connect_timeout;
  for (bool told = false;; told = true) {
    auto token = connection.token_source();
    if (token) {
      STACK_TRY(give(client, *token));
      break;
    }
    auto error = std::move(token).error().within(fmt::format("login to Kafka at {}", connection.bootstrap_servers));
    if (error.kind != ErrorKind::unreachable || steady_clock::now() + kAskAgain >= deadline)
      return std::unexpected(std::move(error));
    if (stop != nullptr && stop->requested())
      return fail(ErrorKind::interrupted, fmt::format("stopped while logging in; {}", error.message));
    if (!told && connection.on_notice) connection.on_notice(fmt::format("{}; asking again", error.message));
    std::this_thread::sleep_for(kAskAgain);
  }
  const ErrorHandle refused{rd_kafka_sasl_background_callbacks_enable(client)};
  if (refused)
    return fail(ErrorKind::internal, fmt::format("login to Kafka: {}", rd_kafka_error_string(refused.get())));
  return {};
}

}  // namespace stack::kafka
