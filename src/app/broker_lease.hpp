// Which Kafka a command talks to: the one that --bootstrap-servers names, else the local broker.
// Thread-safety: one thread. The lease stops the local broker at its end if it was the one to start it.
// Failure: ErrorKind::usage where there is none and the command does not start one; ::unreachable.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "app/command.hpp"
#include "app/progress.hpp"
#include "kafka/connection.hpp"

namespace stack::app {

enum class IfDown { start, refuse };

class BrokerLease {
 public:
  [[nodiscard]] static Result<BrokerLease> take(const Context& context, Progress& progress, IfDown if_down);
  BrokerLease(BrokerLease&& other) noexcept;
  BrokerLease& operator=(BrokerLease&&) = delete;
  ~BrokerLease();

  [[nodiscard]] const kafka::Connection& connection() const { return connection_; }
  [[nodiscard]] bool local() const { return local_; }

 private:
  BrokerLease() = default;

  kafka::Connection connection_;
  bool local_ = false;
  std::optional<std::filesystem::path> to_stop_;
};

// --broker-data, else the user's own folder.
[[nodiscard]] std::filesystem::path broker_folder(const Settings& settings);

}  // namespace stack::app
