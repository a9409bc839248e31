// Logging in with tokens that the program makes itself (SASL/OAUTHBEARER, KIP-255): a client asks for one when it
// opens, and for the next at four fifths of its time, on a thread of its own, whether or not anyone polls the client.
// Thread-safety: a source is called from librdkafka's threads as well, of several clients at once.
// Failure: of the first token as the source's error: ErrorKind::unreachable once it could not be had within the
// connection's timeout, any other at once. Later the client keeps its connections, complains in its log and asks again
// after 10 s. Tokens appear in no message.
#pragma once

#include <librdkafka/rdkafka.h>

#include <functional>
#include <string>

#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"

namespace stack::kafka {

struct Connection;

struct LoginToken {
  std::string value;
  std::string principal;  // who logs in; brokers that read it from the token do not look at this
  Micros expires;
};

using TokenSource = std::function<Result<LoginToken>()>;

// What a configuration needs for this; its opaque must be the ClientLog that holds the connection's source.
void configure_token_login(rd_kafka_conf_t* conf);

// Gives a new client its first token and lets it renew them. Does nothing for a connection without a source.
[[nodiscard]] Result<void> begin_token_login(rd_kafka_t* client, const Connection& connection,
                                             const StopFlag* stop = nullptr);

}  // namespace stack::kafka
