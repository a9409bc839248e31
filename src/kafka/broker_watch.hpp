// Says when no broker answers a client any more, and when one answers again; ends the wait at the connection's timeout.
// Thread-safety: one thread, that which serves the client's callbacks; no copies, since librdkafka's callbacks know its
// address. Failure: ErrorKind::unreachable, once no broker has answered for as long as the connect timeout.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string_view>

#include "core/result.hpp"
#include "kafka/broker_pulse.hpp"
#include "kafka/client_log.hpp"
#include "kafka/connection.hpp"

namespace stack::kafka {

class BrokerWatch {
 public:
  // LOG: the same client's; it hands the client's statistics on. Both outlive the watch.
  BrokerWatch(const Connection& connection, ClientLog& log);
  BrokerWatch(const BrokerWatch&) = delete;
  BrokerWatch& operator=(const BrokerWatch&) = delete;
  ~BrokerWatch();  // a silence ends with who noticed it

  // What the watch needs of the client: statistics, and metadata asked for so often that an answer is always due.
  [[nodiscard]] Result<void> configure(rd_kafka_conf_t* conf) const;

  // By the statistics that the client's callbacks have brought so far. Tells of a silence once, and of its end.
  [[nodiscard]] Result<void> check();

  // How long no broker has answered, as of the last check().
  [[nodiscard]] Milliseconds silence() const { return pulse_.silence(); }
  [[nodiscard]] bool told_of_silence() const { return told_; }

 private:
  void tell(bool is_silent);

  const Connection& connection_;
  ClientLog& log_;
  BrokerPulse pulse_;
  bool told_ = false;
};

}  // namespace stack::kafka
