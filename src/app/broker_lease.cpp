#include "app/broker_lease.hpp"

#include <fmt/format.h>

#include <utility>

#include "app/kafka_login.hpp"
#include "app/msk_iam_login.hpp"
#include "kafka/local_broker.hpp"

namespace stack::app {

std::filesystem::path broker_folder(const Settings& settings) {
  const auto named = settings.text("broker-data");
  return named.empty() ? kafka::default_broker_folder() : std::filesystem::absolute(named);
}

Result<BrokerLease> BrokerLease::take(const Context& context, Progress& progress, IfDown if_down) {
  BrokerLease lease;
  STACK_TRY_ASSIGN(timeout, context.settings.duration("connect-timeout"));
  lease.connection_.connect_timeout = timeout.value_or(Milliseconds{20'000});
  lease.connection_.on_notice = [&progress](const std::string& notice) { progress.detail("kafka: " + notice); };
  lease.connection_.bootstrap_servers = context.settings.text("bootstrap-servers");
  STACK_TRY_ASSIGN(login, kafka_login(context.settings, lease.connection_.bootstrap_servers));
  lease.connection_.properties = std::move(login.properties);
  for (const auto& warning : login.warnings) progress.warn(warning);
  if (!lease.connection_.bootstrap_servers.empty()) {
    STACK_TRY(kafka::check_servers(lease.connection_.bootstrap_servers));
    STACK_TRY(use_msk_iam_login(context.settings, lease.connection_, context.clock));
    lease.connection_.on_notice = [&progress](const std::string& notice) { progress.warn("kafka: " + notice); };
    return lease;
  }

  lease.local_ = true;
  const auto folder = broker_folder(context.settings);
  STACK_TRY_ASSIGN(status, kafka::broker_status(folder));
  if (!status.running) {
    if (if_down == IfDown::refuse)
      return fail(ErrorKind::usage,
                  "no broker: name one with --bootstrap-servers, or start the local one with `stack kafka up`");
    progress.say(fmt::format("starting the local Kafka broker in {}", folder.string()));
    kafka::LocalBrokerOptions options{.data = folder};
    STACK_TRY_ASSIGN(started, kafka::broker_up(options, &context.stop));
    status = started;
    if (status.started_now) lease.to_stop_ = folder;
  }
  lease.connection_.bootstrap_servers = status.bootstrap_servers;
  progress.detail(fmt::format("local Kafka broker at {}, pid {}, log {}", status.bootstrap_servers, status.pid,
                              status.log.string()));
  return lease;
}

BrokerLease::BrokerLease(BrokerLease&& other) noexcept
    : connection_(std::move(other.connection_)),
      local_(other.local_),
      to_stop_(std::exchange(other.to_stop_, std::nullopt)) {}

BrokerLease::~BrokerLease() {
  if (to_stop_) (void)kafka::broker_down(*to_stop_);
}

}  // namespace stack::app
