#include "kafka/login_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "kafka/handles.hpp"

namespace stack::kafka {
namespace {

// OpenSSL's verdicts on a certificate (openssl/x509_vfy.h), whose numbers are part of its ABI.
enum Verdict : int {
  kUnableToGetIssuer = 2,
  kNotYetValid = 9,
  kHasExpired = 10,
  kSelfSigned = 18,
  kSelfSignedInChain = 19,
  kUnableToGetIssuerLocally = 20,
  kUnableToVerifyLeaf = 21,
  kHostnameMismatch = 62,
  kAddressMismatch = 64,
};

// Alerts of TLS (RFC 8446, 6) by which a server says what it has against a client.
constexpr int kFirstCertificateAlert = 42;  // bad_certificate
constexpr int kLastCertificateAlert = 46;   // certificate_unknown
constexpr int kUnknownAuthority = 48;
constexpr int kCertificateRequired = 116;
constexpr int kHandshakeFailure = 40;
constexpr int kProtocolVersion = 70;
constexpr int kExpired = 45;

constexpr int kAtOnceMs = 2'000;  // up to which librdkafka as well suspects the security.protocol

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// HOST:PORT of "sasl_ssl://HOST:PORT/bootstrap: …", which may come behind "GroupCoordinator: ".
std::string server_of(std::string_view text) {
  auto end = text.find("/bootstrap: ");
  for (auto slash = text.find('/'); end == std::string_view::npos && slash != std::string_view::npos;
       slash = text.find('/', slash + 1)) {
    const auto digits = text.find_first_not_of("0123456789", slash + 1);
    if (digits != slash + 1 && digits != std::string_view::npos && text.substr(digits).starts_with(": ")) end = slash;
  }
  if (end == std::string_view::npos) return "the server";
  text = text.substr(0, end);
  if (const auto blank = text.rfind(' '); blank != std::string_view::npos) text.remove_prefix(blank + 1);
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos) text.remove_prefix(scheme + 3);
  return std::string{text};
}

// What stands behind MARK, up to librdkafka's " (after 3ms in state …".
std::string behind(std::string_view text, std::string_view mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + mark.size());
  return std::string{text.substr(0, text.find(" (after "))};
}

int number_behind(std::string_view text, std::string_view mark) {
  const auto digits = behind(text, mark);
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

// The scheme, host and path of URL: its user, password and query may be secrets.
std::string shown_url(std::string url) {
  url.resize(std::min(url.find_first_of("?#"), url.size()));
  const auto host = url.find("://") == std::string::npos ? 0 : url.find("://") + 3;
  const auto path = std::min(url.find('/', host), url.size());
  if (const auto user = url.rfind('@', path); user != std::string::npos && user >= host)
    url.erase(host, user + 1 - host);
  return url;
}

LoginError refused_by_broker(std::string_view reason, const LoginFacts& facts) {
  const auto server = server_of(reason);
  const auto said = behind(reason, "SASL authentication error: ");
  const std::string_view check =
      facts.own_tokens
          ? "check that this role or user is allowed kafka-cluster:Connect on the cluster, and the --region"
      : facts.mechanism == "OAUTHBEARER"
          ? "check that the token's issuer, audience and scope are those that the broker expects"
      : facts.mechanism.starts_with("SCRAM")
          ? "check the user, the password, and that the user was made for this very mechanism"
          : "check the user and the password";
  return {LoginTrouble::credentials_refused,
          fmt::format("Kafka at {} refuses {} by {}: {}; {}", server, facts.who(), facts.mechanism, said, check)};
}

std::optional<LoginError> of_sasl(std::string_view reason, const LoginFacts& facts) {
  if (has(reason, "SASL authentication error: ")) {
    const auto said = behind(reason, "SASL authentication error: ");
    // The connection was lost meanwhile: nobody has refused anything.
    if (said.starts_with("SaslAuthenticateRequest failed: Local")) return std::nullopt;
    return refused_by_broker(reason, facts);
  }
  if (has(reason, "Unsupported SASL mechanism"))
    return LoginError{LoginTrouble::mechanism_not_offered,
                      fmt::format("Kafka at {} does not take logins by {}, but by {}: choose that with --kafka-auth",
                                  server_of(reason), facts.mechanism, behind(reason, "supported mechanisms: "))};
  if (has(reason, "not valid in current SASL state"))
    return LoginError{
        LoginTrouble::no_sasl_there,
        fmt::format("Kafka at {} asks for no login by SASL there: use --kafka-auth {}, or the port of its "
                    "SASL listener",
                    server_of(reason), facts.uses_tls() ? "tls" : "none")};
  if (has(reason, "Failed to acquire SASL OAUTHBEARER token: "))
    return LoginError{LoginTrouble::token_endpoint_away,
                      fmt::format("{}: {}", kNoToken, behind(reason, "Failed to acquire SASL OAUTHBEARER token: "))};
  return std::nullopt;
}

std::string authorities(const LoginFacts& facts) {
  return facts.authorities.empty() ? "the system's authorities"
                                   : fmt::format("the authorities in {}", facts.authorities);
}

LoginError of_certificate(std::string_view reason, int verdict, const LoginFacts& facts) {
  const auto server = server_of(reason);
  switch (verdict) {
    case kHasExpired:
    case kNotYetValid:
      return {LoginTrouble::server_expired,
              fmt::format("Kafka at {} shows a certificate that {}: renew it, or check this machine's clock", server,
                          verdict == kHasExpired ? "has expired" : "is not valid yet")};
    case kHostnameMismatch:
    case kAddressMismatch:
      return {LoginTrouble::server_of_another_name,
              fmt::format("Kafka at {} shows a certificate for another name: use the name that it is made for, here "
                          "in --bootstrap-servers and in the broker's advertised.listeners",
                          server)};
    case kUnableToGetIssuer:
    case kSelfSigned:
    case kSelfSignedInChain:
    case kUnableToGetIssuerLocally:
    case kUnableToVerifyLeaf:
      return {LoginTrouble::server_untrusted,
              fmt::format("Kafka at {} shows a certificate that none of {} has signed: name the file of its own with "
                          "--kafka-ca",
                          server, authorities(facts))};
    default:
      return {LoginTrouble::server_unverified,
              fmt::format("Kafka at {} shows a certificate that cannot be verified by {} (OpenSSL's error {}): name "
                          "the file of its own with --kafka-ca",
                          server, authorities(facts), verdict)};
  }
}

std::optional<LoginError> of_alert(std::string_view reason, const LoginFacts& facts) {
  const int alert = number_behind(reason, "SSL alert number ");
  const auto server = server_of(reason);
  if (alert == kHandshakeFailure || alert == kProtocolVersion)
    return LoginError{LoginTrouble::tls_version,
                      fmt::format("Kafka at {} has no TLS version or cipher in common with this client: see "
                                  "ssl.protocol and ssl.cipher.suites of both",
                                  server)};
  const bool certificate = (alert >= kFirstCertificateAlert && alert <= kLastCertificateAlert) ||
                           alert == kUnknownAuthority || alert == kCertificateRequired;
  if (!certificate) return std::nullopt;
  if (!facts.has_certificate)
    return LoginError{LoginTrouble::client_certificate,
                      fmt::format("Kafka at {} wants a certificate of this client: name it with --kafka-cert and "
                                  "--kafka-key",
                                  server)};
  return LoginError{LoginTrouble::client_certificate,
                    fmt::format("Kafka at {} does not take this client's certificate{}: check that --kafka-cert is "
                                "valid and signed by an authority that the broker trusts",
                                server, alert == kExpired ? ", which has expired" : "")};
}

// Whether the other side closed the connection at the first or second request, which a busy broker takes its time for.
// At any later time that is a broker which ends.
bool is_closed_at_once(std::string_view text) {
  if (has(text, "in state APIVERSION_QUERY")) return true;
  return has(text, "ms in state UP") && number_behind(text, "(after ") < kAtOnceMs;
}

}  // namespace

std::string LoginFacts::who() const {
  if (user.empty() || !uses_sasl()) return "this client";
  return fmt::format("{} {}", mechanism == "OAUTHBEARER" ? "client" : "user", user);
}

LoginFacts login_facts(const rd_kafka_conf_t& conf) {
  const auto text = [&](const char* name) { return property_of(conf, name); };
  LoginFacts facts;
  facts.protocol = lower(text("security.protocol"));
  facts.mechanism = text("sasl.mechanisms");
  const bool bearer = facts.mechanism == "OAUTHBEARER";
  facts.user = text(bearer ? "sasl.oauthbearer.client.id" : "sasl.username");
  facts.token_url = shown_url(text("sasl.oauthbearer.token.endpoint.url"));
  facts.authorities = text("ssl.ca.location");
  if (facts.authorities == "probe") facts.authorities.clear();
  if (!text("ssl.ca.pem").empty()) facts.authorities = "ssl.ca.pem";
  facts.has_certificate =
      std::ranges::any_of(std::array{"ssl.certificate.location", "ssl.certificate.pem", "ssl.keystore.location"},
                          [&](const char* name) { return !text(name).empty(); });
  return facts;
}

LoginFacts login_facts(const Properties& properties) {
  const ConfHandle conf{rd_kafka_conf_new()};
  for (const auto& [name, value] : properties) rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), nullptr, 0);
  return login_facts(*conf);
}

std::optional<LoginError> login_error(rd_kafka_resp_err_t code, std::string_view reason, int certificate,
                                      const LoginFacts& facts) {
  if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION) return of_sasl(reason, facts);
  if (code != RD_KAFKA_RESP_ERR__SSL && code != RD_KAFKA_RESP_ERR__TRANSPORT) return std::nullopt;
  if (has(reason, "certificate verify failed")) return of_certificate(reason, certificate, facts);
  if (has(reason, "SSL alert number ")) return of_alert(reason, facts);
  const bool hung_up = has(reason, "in state SSL_HANDSHAKE") && has(reason, "closed by peer");
  const bool no_tls = hung_up || has(reason, "connecting to a PLAINTEXT broker listener") ||
                      has(reason, "wrong version number") || has(reason, "packet length too long");
  if (facts.uses_tls() && no_tls)
    return LoginError{
        LoginTrouble::no_tls_there,
        fmt::format("Kafka at {} does not answer in TLS: is it a listener of plaintext? Then use its port "
                    "of TLS, or {}",
                    server_of(reason),
                    facts.uses_sasl() ? "--kafka-property security.protocol=SASL_PLAINTEXT" : "--kafka-auth none")};
  return std::nullopt;
}

std::optional<LoginError> login_error_in_log(std::string_view facility, std::string_view text,
                                             const LoginFacts& facts) {
  if (facility == "OIDC" && has(text, "token from")) {
    // `… from "URL": ANSWER (STATUS)`; the status of an endpoint that does not answer is -1.
    const auto status_at = text.rfind(" (");
    const int status = status_at == std::string_view::npos ? -1 : number_behind(text.substr(status_at), " (");
    auto said = behind(text.substr(0, status_at), "\": ");
    std::ranges::replace(said, '\n', ' ');
    said.resize(std::min<std::size_t>(said.size(), 200));
    if (status >= 400 && status < 500)
      return LoginError{LoginTrouble::token_refused,
                        fmt::format("token endpoint {} refuses {}: {} (HTTP {}); check --oauth-client-id, the client's "
                                    "secret and --oauth-scope",
                                    facts.token_url, facts.who(), said, status)};
    return LoginError{LoginTrouble::token_endpoint_away,
                      fmt::format("token endpoint {} gives no token: {}{}; check --oauth-token-url and the network",
                                  facts.token_url, said, status > 0 ? fmt::format(" (HTTP {})", status) : "")};
  }
  if (facility != "FAIL" || !has(text, "Disconnected: ") || facts.uses_sasl() || !is_closed_at_once(text))
    return std::nullopt;
  return LoginError{LoginTrouble::tls_or_sasl_wanted,
                    fmt::format("Kafka at {} hangs up on this client's {}: does that port want {}? See --kafka-auth",
                                server_of(text), facts.uses_tls() ? "TLS without a login" : "plaintext",
                                facts.uses_tls() ? "a login by SASL" : "TLS or a login")};
}

}  // namespace stack::kafka
