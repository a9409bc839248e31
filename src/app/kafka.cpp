// stack kafka up|down|status: the local broker. stack kafka token: a login for Amazon MSK.
#include <fmt/format.h>

#include "app/broker_lease.hpp"
#include "app/command.hpp"
#include "app/json_object.hpp"
#include "app/msk_iam_login.hpp"
#include "app/progress.hpp"
#include "kafka/local_broker.hpp"

namespace stack::app {
namespace {

void print_json(const kafka::BrokerStatus& status) {
  fmt::print("{{\"running\":{},\"pid\":{},\"port\":{},\"bootstrap_servers\":\"{}\",\"data\":\"{}\",\"log\":\"{}\"}}\n",
             status.running, status.pid, status.port, status.bootstrap_servers, status.data.string(),
             status.log.string());
}

void print_text(const kafka::BrokerStatus& status, bool stopped_now) {
  if (!status.running) {
    fmt::print("{}; its data is in {}\n", stopped_now ? "stopped" : "not running", status.data.string());
    return;
  }
  fmt::print("running at {}, pid {}, {} resident, data in {}\n", status.bootstrap_servers, status.pid,
             human_bytes(static_cast<double>(status.resident_bytes)), status.data.string());
}

// The token alone on standard output, for a client that takes one.
Result<int> print_token(const Context& context) {
  STACK_TRY_ASSIGN(login, msk_iam_login(context.settings, context.settings.text("bootstrap-servers"), context.clock));
  STACK_TRY_ASSIGN(token, login.tokens());
  if (context.settings.flag("json")) {
    const auto expires_ms = std::chrono::floor<Milliseconds>(token.expires.time_since_epoch()).count();
    fmt::print("{}\n",
               JsonObject{}.text("token", token.text).number("expires", expires_ms).text("region", login.region).str());
  } else {
    fmt::print("{}\n", token.text);
  }
  return 0;
}

}  // namespace

Result<int> kafka_command(Context& context) {
  const auto& action = context.arguments.front();
  if (action == "token") return print_token(context);
  Progress progress{context.settings};
  const auto folder = broker_folder(context.settings);
  STACK_TRY_ASSIGN(port, context.settings.whole("port", 1, 65535));
  kafka::BrokerStatus status;
  STACK_TRY_ASSIGN(before, kafka::broker_status(folder));
  if (action == "up") {
    if (!before.running) progress.say(fmt::format("starting the local Kafka broker in {}", folder.string()));
    const kafka::LocalBrokerOptions options{.data = folder, .port = static_cast<std::uint16_t>(*port)};
    STACK_TRY_ASSIGN(up, kafka::broker_up(options, &context.stop));
    status = up;
  } else if (action == "down") {
    STACK_TRY_ASSIGN(down, kafka::broker_down(folder));
    status = down;
  } else if (action == "status") {
    status = before;
  } else {
    return fail(ErrorKind::usage, fmt::format("kafka: {} is none of up, down, status, token", action));
  }
  if (context.settings.flag("json")) {
    print_json(status);
  } else {
    print_text(status, action == "down" && before.running);
  }
  return action == "status" && !status.running ? static_cast<int>(ErrorKind::failed) : 0;
}

}  // namespace stack::app
