// What a librdkafka client has to say: its latest complaint is kept for error messages, changes are passed on as
// notices, nothing goes to standard error by itself.
// Thread-safety: all members from any thread. Must outlive its client. Never fails.
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "kafka/client_observer.hpp"

namespace stack::kafka {

class ClientLog {
 public:
  explicit ClientLog(std::function<void(const std::string&)> on_notice) : on_notice_(std::move(on_notice)) {}

  void attach(rd_kafka_conf_t* conf);  // takes the configuration's opaque

  void own(void* owner) { owner_ = owner; }  // the client's object, for its other callbacks
  [[nodiscard]] void* owner() const { return owner_; }

  // Called with librdkafka's statistics, as JSON, by the thread that serves the client's callbacks; set before
  // attach().
  void on_statistics(std::function<void(std::string_view)> see) { see_statistics_ = std::move(see); }
  void statistics(std::string_view json) const;

  void observe(ClientObserver* observer) { observer_ = observer; }  // null: nobody; before attach()
  [[nodiscard]] ClientObserver* observer() const { return observer_; }

  void note(const std::string& complaint);
  void fatal(const std::string& complaint);
  [[nodiscard]] std::string latest() const;           // empty: no complaint yet
  [[nodiscard]] std::string fatal_complaint() const;  // empty: none

 private:
  std::function<void(const std::string&)> on_notice_;
  std::function<void(std::string_view)> see_statistics_;
  ClientObserver* observer_ = nullptr;
  mutable std::mutex mutex_;
  std::string latest_;
  std::chrono::steady_clock::time_point noted_;
  std::string fatal_;
  void* owner_ = nullptr;
};

}  // namespace stack::kafka
