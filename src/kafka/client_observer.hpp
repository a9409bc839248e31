// Who looks on while clients work: at librdkafka's statistics, its errors, and silences of the brokers.
// Thread-safety: called from the threads that serve the clients' callbacks, of several clients at once.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string_view>

namespace stack::kafka {

class ClientObserver {
 public:
  virtual ~ClientObserver() = default;
  // Twice a second from each producer and consumer, as JSON (librdkafka's STATISTICS.md).
  virtual void see_statistics(std::string_view json) = 0;
  // An error that librdkafka told of: most mend themselves.
  virtual void see_error(rd_kafka_resp_err_t code) = 0;
  // No broker has answered a client for some seconds; or, with IS_SILENT false, one does again or the client ends.
  virtual void see_silence(bool is_silent) = 0;
};

}  // namespace stack::kafka
