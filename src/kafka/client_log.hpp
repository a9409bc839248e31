// What a librdkafka client has to say: its latest complaint is kept for error messages, changes are passed on as
// notices, nothing goes to standard error by itself. Secrets of its configuration are taken out of all texts. What
// keeps the client from logging in is kept apart (login_error.hpp), with the moment from which on nothing else came.
// Thread-safety: all members from any thread. Must outlive its client. Never fails.
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kafka/client_observer.hpp"
#include "kafka/login_error.hpp"
#include "kafka/token_login.hpp"

namespace stack::kafka {

class ClientLog {
 public:
  explicit ClientLog(std::function<void(const std::string&)> on_notice) : on_notice_(std::move(on_notice)) {}

  void attach(rd_kafka_conf_t* conf);  // takes the configuration's opaque

  void own(void* owner) { owner_ = owner; }  // the client's object, for its other callbacks
  [[nodiscard]] void* owner() const { return owner_; }

  // What the logins of the client take their tokens from; given behind attach() and before the client is made.
  void login_by(TokenSource source) {
    token_source_ = std::move(source);
    facts_.own_tokens = true;
  }
  [[nodiscard]] const TokenSource& token_source() const { return token_source_; }

  // Each is called with librdkafka statistics, as JSON, by the thread that serves the callbacks of the client; given
  // before attach().
  void on_statistics(std::function<void(std::string_view)> see) { see_statistics_.push_back(std::move(see)); }
  void statistics(std::string_view json) const;

  void observe(ClientObserver* observer) { observer_ = observer; }  // null: nobody; before attach()
  [[nodiscard]] ClientObserver* observer() const { return observer_; }

  // What the callbacks of librdkafka bring.
  void complaint(rd_kafka_resp_err_t code, std::string_view reason);
  void line(int level, std::string_view facility, std::string_view text);
  void fatal(const std::string& complaint);
  void certificate_refused(int verdict);  // of a server's, OpenSSL's X509_V_ERR_…

  void note(const std::string& complaint);
  [[nodiscard]] std::string latest() const;           // empty: no complaint yet
  [[nodiscard]] std::string fatal_complaint() const;  // empty: none

  // Why the client is not let in; none as long as it is, or when the reason lies elsewhere.
  [[nodiscard]] std::optional<LoginError> login_error() const;
  // How long that has been so, without a login in between.
  [[nodiscard]] std::chrono::milliseconds locked_out() const;
  void logged_in();  // forgets it

 private:
  void keep(const LoginError& error);

  std::function<void(const std::string&)> on_notice_;
  std::vector<std::function<void(std::string_view)>> see_statistics_;
  ClientObserver* observer_ = nullptr;
  TokenSource token_source_;
  mutable std::mutex mutex_;
  std::string latest_;
  // Passed on a short time ago; with several brokers, complaints take turns.
  std::vector<std::pair<std::string, std::chrono::steady_clock::time_point>> said_;
  std::string fatal_;
  LoginFacts facts_;  // with secrets_: written by attach() alone
  std::vector<std::string> secrets_;
  int verdict_ = 0;
  std::optional<LoginError> login_error_;
  std::chrono::steady_clock::time_point locked_out_since_;
  void* owner_ = nullptr;
};

}  // namespace stack::kafka
