// How to reach a Kafka cluster, and the librdkafka configuration that every client of ours starts from.
// Thread-safety: plain values; the callback may be called from librdkafka's threads.
// Failure: ErrorKind::usage for a property that is unknown or would break a promise of ours. Secrets never appear in
// messages.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/client_observer.hpp"
#include "kafka/handles.hpp"
#include "kafka/properties.hpp"
#include "kafka/token_login.hpp"

namespace stack::kafka {

struct Connection {
  std::string bootstrap_servers;  // host:port, comma separated
  Properties properties;          // any of librdkafka's, already checked
  Milliseconds connect_timeout{20'000};
  std::function<void(const std::string&)> on_notice = {};  // "waiting for …", lost connections; one line each
  ClientObserver* observer = nullptr;                      // outlives the clients; null: nobody looks on
  TokenSource token_source = {};  // of a login by OAUTHBEARER whose tokens the program makes; none: any other
};

// HOST[:PORT] once or more, with commas between; librdkafka itself would take port 99999 for another.
[[nodiscard]] Result<void> check_servers(std::string_view servers);

// What is said when no broker has answered for the connection's timeout. COMPLAINT: the client's latest, or empty.
[[nodiscard]] Error no_broker_answers(const Connection& connection, std::string_view complaint);

// The client's latest complaint, kept for error messages; librdkafka's callbacks write it.
class ClientLog;

// The same for a client that may be answered but not let in: then that is said.
[[nodiscard]] Error unanswered(const Connection& connection, const ClientLog& log);

// What librdkafka's REASON for making no client means: a key, certificate or mechanism that is none.
[[nodiscard]] Error not_configured(std::string_view reason);

// A configuration with the connection's properties and the client's own FIXED ones on top.
[[nodiscard]] Result<ConfHandle> make_conf(const Connection& connection,
                                           std::span<const std::pair<const char*, const char*>> fixed, ClientLog& log);

}  // namespace stack::kafka
