#include "kafka/client_log.hpp"

#include <algorithm>

#include "kafka/properties.hpp"

namespace stack::kafka {
namespace {

constexpr std::chrono::seconds kSameAgain{10};

// "sasl_ssl://host:9092/bootstrap: Connect to ipv4#… failed: Connection refused (after 0ms …)" without its tail.
std::string first_part(std::string_view text) {
  if (const auto tail = text.find(" (after "); tail != std::string_view::npos) text = text.substr(0, tail);
  return std::string{text};
}

// "[thrd:app]: kafka: …" without the thread.
std::string without_thread(std::string_view text) {
  const auto end = text.find("]: ");
  return std::string{text.starts_with("[thrd:") && end != std::string_view::npos ? text.substr(end + 3) : text};
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
  log->complaint(static_cast<rd_kafka_resp_err_t>(code), reason);
}

void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  static_cast<ClientLog*>(rd_kafka_opaque(client))->line(level, facility, text);
}

// OpenSSL has judged: this only takes its verdict down.
// NOLINTNEXTLINE(readability-non-const-parameter): librdkafka's signature
int on_certificate(rd_kafka_t* /*client*/, const char* /*broker*/, std::int32_t /*id*/, int* verdict, int /*depth*/,
                   const char* /*certificate*/, std::size_t /*size*/, char* /*reason*/, std::size_t /*reason_size*/,
                   void* opaque) {
  if (*verdict == 0) return 1;
  static_cast<ClientLog*>(opaque)->certificate_refused(*verdict);
  return 0;
}

int on_stats(rd_kafka_t* /*client*/, char* json, std::size_t length, void* opaque) {
  static_cast<const ClientLog*>(opaque)->statistics({json, length});
  return 0;  // the text stays librdkafka's
}

}  // namespace

void ClientLog::statistics(std::string_view json) const {
  for (const auto& see : see_statistics_) see(json);
  if (observer_ != nullptr) observer_->see_statistics(json);
}

void ClientLog::attach(rd_kafka_conf_t* conf) {
  rd_kafka_conf_set_opaque(conf, this);
  rd_kafka_conf_set_error_cb(conf, on_error);
  rd_kafka_conf_set_log_cb(conf, on_log);
  rd_kafka_conf_set_stats_cb(conf, on_stats);
  rd_kafka_conf_set_ssl_cert_verify_cb(conf, on_certificate);
  facts_ = login_facts(*conf);
  secrets_ = secrets_of(*conf);
}

void ClientLog::complaint(rd_kafka_resp_err_t code, std::string_view reason) {
  const auto text = without_secrets(std::string{reason}, secrets_);
  int verdict = 0;
  {
    const std::lock_guard lock{mutex_};
    verdict = verdict_;
  }
  auto error = kafka::login_error(code, text, verdict, facts_);
  if (error) return keep(*error);
  if (text.find("Connect to ") != std::string::npos) {
    // Whoever refuses the connection now was perhaps just going down when it looked like another protocol.
    const std::lock_guard lock{mutex_};
    if (login_error_ && !login_error_->certain()) login_error_.reset();
  }
  note(first_part(text));
}

void ClientLog::line(int level, std::string_view facility, std::string_view text) {
  const auto shown = without_secrets(std::string{text}, secrets_);
  if (auto error = login_error_in_log(facility, shown, facts_)) return keep(*error);
  // Warnings and worse. Connection failures come through the error callback as well; and since one list of properties
  // serves producer and consumer, the other's (CONFWARN) are no news. Nor is that a client which ends in an error has
  // records left (TERMINATE).
  const bool news = facility != "FAIL" && facility != "CONFWARN" && facility != "OIDC" && facility != "TERMINATE" &&
                    text.find("verification callback failed") == std::string_view::npos;
  // The former transaction of the same id is being ended, or its coordinator is just taking office: it is asked again.
  const bool passing = text.find("concurrent operation on the same transaction") != std::string_view::npos ||
                       text.find("Coordinator load in progress") != std::string_view::npos;
  if (passing) return;
  if (level <= 4 && news) note(without_thread(shown));
}

void ClientLog::certificate_refused(int verdict) {
  const std::lock_guard lock{mutex_};
  verdict_ = verdict;
}

void ClientLog::keep(const LoginError& error) {
  {
    const std::lock_guard lock{mutex_};
    if (!login_error_) locked_out_since_ = std::chrono::steady_clock::now();
    // What came with the token endpoint's own answer says more than that there is no token.
    const bool says_less = error.trouble == LoginTrouble::token_endpoint_away && login_error_ &&
                           (login_error_->trouble == LoginTrouble::token_refused ||
                            login_error_->trouble == LoginTrouble::token_endpoint_away) &&
                           error.message.starts_with(kNoToken);
    if (says_less) return;
    login_error_ = error;
  }
  note(error.message);
}

std::optional<LoginError> ClientLog::login_error() const {
  const std::lock_guard lock{mutex_};
  return login_error_;
}

std::chrono::milliseconds ClientLog::locked_out() const {
  const std::lock_guard lock{mutex_};
  if (!login_error_) return {};
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - locked_out_since_);
}

void ClientLog::logged_in() {
  const std::lock_guard lock{mutex_};
  login_error_.reset();
}

void ClientLog::note(const std::string& complaint) {
  // "1/1 brokers are down" comes with every attempt and says less than the reason before it.
  if (complaint.find("brokers are down") != std::string::npos) return;
  {
    const std::lock_guard lock{mutex_};
    latest_ = complaint;
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(said_, [&](const auto& each) { return now - each.second >= kSameAgain; });
    if (std::ranges::find(said_, complaint, [](const auto& each) { return each.first; }) != said_.end()) return;
    said_.emplace_back(complaint, now);
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
