#include "kafka/broker_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

namespace stack::kafka {
namespace {

constexpr const char* kStatisticsInterval = "500";  // ms
constexpr Milliseconds kWorthTelling{3'000};        // of silence; a broker that restarts takes little longer

}  // namespace

BrokerWatch::BrokerWatch(const Connection& connection, ClientLog& log) : connection_(connection), log_(log) {
  log.on_statistics([this](std::string_view json) { pulse_.see(json, std::chrono::steady_clock::now()); });
}

Result<void> BrokerWatch::configure(rd_kafka_conf_t* conf) const {
  const auto ask = std::to_string(std::clamp<std::int64_t>(connection_.connect_timeout.count() / 4, 500, 1'000));
  std::array<char, 512> reason{};
  for (const auto& [name, value] : {std::pair{"statistics.interval.ms", kStatisticsInterval},
                                    std::pair{"topic.metadata.refresh.interval.ms", ask.c_str()}}) {
    if (rd_kafka_conf_set(conf, name, value, reason.data(), reason.size()) != RD_KAFKA_CONF_OK)
      return fail(ErrorKind::internal, fmt::format("Kafka property {}: {}", name, reason.data()));
  }
  return {};
}

BrokerWatch::~BrokerWatch() {
  if (told_) tell(false);
}

void BrokerWatch::tell(bool is_silent) {
  told_ = is_silent;
  if (connection_.observer != nullptr) connection_.observer->see_silence(is_silent);
}

Result<void> BrokerWatch::check() {
  const auto notice = [this](const std::string& line) {
    if (connection_.on_notice) connection_.on_notice(line);
  };
  const auto silence = pulse_.silence();
  if (silence == Milliseconds{0}) log_.logged_in();
  if (silence >= connection_.connect_timeout) return std::unexpected(unanswered(connection_, log_));
  const bool is_long = silence >= std::min(kWorthTelling, connection_.connect_timeout / 2);
  if (is_long && !told_) {
    tell(true);
    notice(fmt::format(
        "{} at {}: waiting for it, {:.0f} s left", log_.login_error() ? "no login to Kafka" : "no Kafka broker answers",
        connection_.bootstrap_servers, std::chrono::duration<double>(connection_.connect_timeout - silence).count()));
  } else if (told_ && silence == Milliseconds{0}) {
    tell(false);
    notice(fmt::format("Kafka at {} answers again", connection_.bootstrap_servers));
  }
  return {};
}

}  // namespace stack::kafka
