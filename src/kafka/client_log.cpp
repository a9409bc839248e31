#include "kafka/client_log.hpp"

namespace stack::kafka {
namespace {

constexpr std::chrono::seconds kSameAgain{10};

// "sasl_ssl://host:9092/bootstrap: Connect to ipv4#… failed: Connection refused (after 0ms …)" without its tail.
std::string first_part(std::string_view text) {
  if (const auto tail = text.find(" (after "); tail != std::string_view::npos) text = text.substr(0, tail);
  return std::string{text};
}

void on_error(rd_kafka_t* client, int code, const char* reason, void* opaque) {
  auto* log = static_cast<ClientLog*>(opaque);
  if (auto* observer = log->observer()) observer->see_error(static_cast<rd_kafka_resp_err_t>(code));
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    char text[512];
    rd_kafka_fatal_error(client, text, sizeof text);
    log->fatal(text);
    return;
  }
  log->note(first_part(reason));
}

void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  // Warnings and worse. Connection failures come through on_error as well; and since one list of properties serves
  // producer and consumer, the other's (CONFWARN) are no news.
  const std::string_view about = facility;
  if (level <= 4 && about != "FAIL" && about != "CONFWARN")
    static_cast<ClientLog*>(rd_kafka_opaque(client))->note(text);
}

int on_stats(rd_kafka_t* /*client*/, char* json, std::size_t length, void* opaque) {
  static_cast<const ClientLog*>(opaque)->statistics({json, length});
  return 0;  // the text stays librdkafka's
}

}  // namespace

void ClientLog::statistics(std::string_view json) const {
  if (see_statistics_) see_statistics_(json);
  if (observer_ != nullptr) observer_->see_statistics(json);
}

void ClientLog::attach(rd_kafka_conf_t* conf) {
  rd_kafka_conf_set_opaque(conf, this);
  rd_kafka_conf_set_error_cb(conf, on_error);
  rd_kafka_conf_set_log_cb(conf, on_log);
  rd_kafka_conf_set_stats_cb(conf, on_stats);
}

void ClientLog::note(const std::string& complaint) {
  // "1/1 brokers are down" comes with every attempt and says less than the reason before it.
  if (complaint.find("brokers are down") != std::string::npos) return;
  {
    const std::lock_guard lock{mutex_};
    const auto now = std::chrono::steady_clock::now();
    const bool again = latest_ == complaint && now - noted_ < kSameAgain;
    latest_ = complaint;
    if (again) return;
    noted_ = now;
  }
  if (on_notice_) on_notice_(complaint);
}

void ClientLog::fatal(const std::string& complaint) {
  const std::lock_guard lock{mutex_};
  fatal_ = complaint;
}

std::string ClientLog::latest() const {
  const std::lock_guard lock{mutex_};
  return latest_;
}

std::string ClientLog::fatal_complaint() const {
  const std::lock_guard lock{mutex_};
  return fatal_;
}

}  // namespace stack::kafka
