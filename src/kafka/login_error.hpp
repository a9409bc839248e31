// Why a client is not let in: TLS, authentication, or two sides that speak different protocols. librdkafka tells of it
// by an error code and a text, by log lines, and by the code of OpenSSL's check of a certificate; here these become one
// value, with words that name the server, the mechanism and what to check.
// Thread-safety: free functions over plain values. Never fails.
#pragma once

#include <librdkafka/rdkafka.h>

#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "kafka/properties.hpp"

namespace stack::kafka {

enum class LoginTrouble {
  // Certain: the other side has said so, and will say it again.
  credentials_refused,     // wrong password, unknown user, a token that the broker does not take
  mechanism_not_offered,   // SASL, but not by this mechanism
  no_sasl_there,           // a listener that asks for no SASL login
  token_refused,           // the token endpoint gives none: 4xx
  server_untrusted,        // its certificate is signed by none that is trusted here
  server_expired,          // its certificate, or one above it
  server_of_another_name,  // its certificate names other hosts
  server_unverified,       // its certificate fails for another reason
  client_certificate,      // ours is missing or not taken
  tls_version,             // no version or cipher in common
  // Likely, but a server that is just going down looks the same.
  token_endpoint_away,  // nothing listens there, or 5xx
  no_tls_there,         // TLS to a listener without
  tls_or_sasl_wanted,   // plaintext to a listener of TLS or SASL; TLS to one of SASL
};

// What of a client's configuration a login depends on; no secrets.
struct LoginFacts {
  std::string protocol = "plaintext";  // security.protocol, in lower case
  std::string mechanism;               // of SASL
  std::string user;                    // of PLAIN and SCRAM; of OAUTHBEARER the client's id
  std::string token_url;               // without user, password and query
  std::string authorities;             // where trusted certificates are read from; empty: the system's
  bool has_certificate = false;
  bool own_tokens = false;  // of OAUTHBEARER, made by this program for Amazon MSK

  [[nodiscard]] bool uses_tls() const { return protocol == "ssl" || protocol == "sasl_ssl"; }
  [[nodiscard]] bool uses_sasl() const { return protocol.starts_with("sasl_"); }
  // "user alice", "client id app", "this client".
  [[nodiscard]] std::string who() const;
};
[[nodiscard]] LoginFacts login_facts(const rd_kafka_conf_t& conf);
[[nodiscard]] LoginFacts login_facts(const Properties& properties);

struct LoginError {
  LoginTrouble trouble;
  std::string message;  // one line: who refuses whom, and what to check

  [[nodiscard]] bool certain() const { return trouble < LoginTrouble::token_endpoint_away; }
  [[nodiscard]] Error error() const { return {certain() ? ErrorKind::access : ErrorKind::unreachable, message}; }
};

// How the message begins where librdkafka only tells that there is no token.
inline constexpr std::string_view kNoToken = "no token to log in to Kafka with";

// Of what librdkafka's error callback is told. CERTIFICATE: OpenSSL's verdict on the last server certificate that did
// not pass (X509_V_ERR_…), 0 where all did.
[[nodiscard]] std::optional<LoginError> login_error(rd_kafka_resp_err_t code, std::string_view reason, int certificate,
                                                    const LoginFacts& facts);
// Of a line of its log: some troubles are told there alone.
[[nodiscard]] std::optional<LoginError> login_error_in_log(std::string_view facility, std::string_view text,
                                                           const LoginFacts& facts);

}  // namespace stack::kafka
