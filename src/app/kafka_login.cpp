#include "app/kafka_login.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

namespace stack::app {
namespace {

constexpr std::size_t kLongestSecret = 65'536;

// --kafka-auth and what librdkafka calls it; no mechanism: no SASL.
struct Method {
  std::string_view name;
  const char* mechanism;
};
constexpr std::array<Method, 7> kMethods = {{{"none", nullptr},
                                             {"tls", nullptr},
                                             {"plain", "PLAIN"},
                                             {"scram-sha-256", "SCRAM-SHA-256"},
                                             {"scram-sha-512", "SCRAM-SHA-512"},
                                             {"oauthbearer", "OAUTHBEARER"},
                                             {"msk-iam", "AWS_MSK_IAM"}}};

using Option = std::pair<const char*, const char*>;  // ours, and the property that it stands for
constexpr std::array<Option, 4> kTlsOptions = {{{"kafka-ca", "ssl.ca.location"},
                                                {"kafka-cert", "ssl.certificate.location"},
                                                {"kafka-key", "ssl.key.location"},
                                                {"kafka-key-password", "ssl.key.password"}}};
constexpr std::array<Option, 3> kTokenOptions = {{{"oauth-token-url", "sasl.oauthbearer.token.endpoint.url"},
                                                  {"oauth-client-id", "sasl.oauthbearer.client.id"},
                                                  {"oauth-scope", "sasl.oauthbearer.scope"}}};
// Files that a client cannot do without; librdkafka says of one that is missing only "system lib".
constexpr std::array kFiles = {"ssl.ca.location",       "ssl.certificate.location", "ssl.key.location",
                               "ssl.keystore.location", "https.ca.location",        "ssl.crl.location"};

class Login {
 public:
  Login(const Settings& settings, std::string_view servers) : settings_(settings), servers_(servers) {}

  Result<KafkaLogin> make() {
    STACK_TRY_ASSIGN(name, settings_.choice("kafka-auth", {"none", "tls", "plain", "scram-sha-256", "scram-sha-512",
                                                           "oauthbearer", "msk-iam"}));
    method_ = *std::ranges::find(kMethods, std::string_view{name}, &Method::name);
    if (servers_.empty() && method_.name != "none")
      return fail(ErrorKind::usage, fmt::format("--kafka-auth {}: the local broker knows no logins; name yours with "
                                                "--bootstrap-servers",
                                                name));
    STACK_TRY(choose_protocol());
    STACK_TRY(add_tls());
    STACK_TRY(add_password());
    STACK_TRY(add_tokens());
    const auto& own = settings_.kafka_properties();
    login_.properties.insert(login_.properties.end(), own.begin(), own.end());
    STACK_TRY(check_files());
    return std::move(login_);
  }

 private:
  // The user's own value of a property; none: not named.
  [[nodiscard]] std::optional<std::string> own(std::string_view name) const {
    const auto& all = settings_.kafka_properties();
    const auto found =
        std::ranges::find(all, name, [](const auto& property) { return std::string_view{property.first}; });
    return found == all.end() ? std::nullopt : std::optional{found->second};
  }
  void set(const char* name, std::string value) { login_.properties.emplace_back(name, std::move(value)); }

  [[nodiscard]] bool sasl() const { return method_.mechanism != nullptr; }
  [[nodiscard]] bool encrypted() const { return protocol_ == "ssl" || protocol_ == "sasl_ssl"; }

  Result<void> choose_protocol() {
    protocol_ = sasl() ? "sasl_ssl" : method_.name == "tls" ? "ssl" : "plaintext";
    if (auto named = own("security.protocol")) {
      std::ranges::transform(*named, named->begin(),
                             [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      const bool fits = method_.name == "none" || (sasl() ? named->starts_with("sasl_") : *named == "ssl");
      if (!fits)
        return fail(ErrorKind::usage,
                    fmt::format("--kafka-auth {} contradicts the Kafka property security.protocol={}; leave one out",
                                method_.name, *named));
      protocol_ = *named;
    } else if (method_.name != "none") {
      set("security.protocol", protocol_);
    }
    if (sasl()) set("sasl.mechanisms", method_.mechanism);
    return {};
  }

  Result<void> add_tls() {
    for (const auto& [option, property] : kTlsOptions) {
      if (!settings_.given(option)) continue;
      if (!encrypted())
        return fail(ErrorKind::usage,
                    fmt::format("--{} is for connections by TLS: say --kafka-auth tls, or a login by SASL", option));
      set(property, settings_.text(option));
    }
    if (settings_.given("kafka-key") && !settings_.given("kafka-cert"))
      return fail(ErrorKind::usage, "--kafka-key: name the certificate that it belongs to with --kafka-cert");
    // One file may hold both.
    if (settings_.given("kafka-cert") && !settings_.given("kafka-key"))
      set("ssl.key.location", settings_.text("kafka-cert"));
    const bool trusted = settings_.given("kafka-ca") || own("ssl.ca.location") || own("ssl.ca.pem");
    // The system's own, wherever this system keeps them: librdkafka knows the places of the common ones.
    if (encrypted() && !trusted) set("ssl.ca.location", "probe");
    return {};
  }

  Result<void> add_password() {
    const bool by_password = sasl() && (method_.name == "plain" || method_.name.starts_with("scram"));
    if (!by_password) {
      if (settings_.given("kafka-user") && method_.name == "none")
        return fail(ErrorKind::usage,
                    "--kafka-user: how to log in? Say --kafka-auth plain, scram-sha-256 or scram-sha-512");
      return {};
    }
    STACK_TRY_ASSIGN(password, secret("kafka-password"));
    const bool user = settings_.given("kafka-user") || own("sasl.username");
    if (!user || (!password && !own("sasl.password")))
      return fail(ErrorKind::usage, fmt::format("--kafka-auth {} wants a user (--kafka-user) and a password "
                                                "(KAFKA_PASSWORD in the environment, or --kafka-password-file)",
                                                method_.name));
    if (settings_.given("kafka-user")) set("sasl.username", settings_.text("kafka-user"));
    if (password) set("sasl.password", *std::move(password));
    if (method_.name == "plain" && !encrypted() && !on_this_machine())
      login_.warnings.emplace_back(
          "--kafka-auth plain without TLS: the password goes over the network for all to read");
    return {};
  }

  Result<void> add_tokens() {
    if (method_.name != "oauthbearer") {
      for (const auto& [option, property] : kTokenOptions)
        if (settings_.given(option))
          return fail(ErrorKind::usage, fmt::format("--{} is for --kafka-auth oauthbearer", option));
      return {};
    }
    STACK_TRY_ASSIGN(client_secret, secret("oauth-client-secret"));
    for (const auto& [option, property] : kTokenOptions)
      if (settings_.given(option)) set(property, settings_.text(option));
    const bool has_secret = client_secret.has_value();
    if (has_secret) set("sasl.oauthbearer.client.secret", *std::move(client_secret));
    // Who names one of these properties knows what else librdkafka wants with them.
    const bool otherwise = own("sasl.oauthbearer.method") || own("sasl.oauthbearer.config") ||
                           own("enable.sasl.oauthbearer.unsecure.jwt") || own("sasl.oauthbearer.grant.type") ||
                           own("sasl.oauthbearer.metadata.authentication.type");
    if (otherwise) return {};
    set("sasl.oauthbearer.method", "oidc");
    const auto known = [&](const char* option, const char* property) {
      return settings_.given(option) || own(property);
    };
    const bool complete = known("oauth-token-url", "sasl.oauthbearer.token.endpoint.url") &&
                          (known("oauth-client-id", "sasl.oauthbearer.client.id") ||
                           own("sasl.oauthbearer.client.credentials.client.id")) &&
                          (has_secret || own("sasl.oauthbearer.client.secret") ||
                           own("sasl.oauthbearer.client.credentials.client.secret"));
    if (!complete)
      return fail(ErrorKind::usage,
                  "--kafka-auth oauthbearer wants --oauth-token-url, --oauth-client-id and the "
                  "client's secret (STACK_OAUTH_CLIENT_SECRET in the environment, or "
                  "--oauth-client-secret-file)");
    return {};
  }

  // Of OPTION, or of the file that OPTION-file names, which goes before; none: neither is given.
  [[nodiscard]] Result<std::optional<std::string>> secret(const std::string& option) const {
    const auto file_option = option + "-file";
    if (!settings_.given(file_option)) {
      if (!settings_.given(option)) return std::nullopt;
      return settings_.text(option);
    }
    const std::filesystem::path file = settings_.text(file_option);
    const auto wrong = [&](std::string_view what) {
      return fail(ErrorKind::usage, fmt::format("--{}: {} {}", file_option, file.string(), what));
    };
    std::ifstream in{file, std::ios::binary};
    std::string text(kLongestSecret + 1, '\0');
    if (!in || !in.read(text.data(), static_cast<std::streamsize>(text.size())).eof())
      return wrong(in.is_open() && in.gcount() > 0 ? "is too long for a secret" : "cannot be read");
    text.resize(static_cast<std::size_t>(in.gcount()));
    // The line's end, that editors leave.
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    if (text.empty()) return wrong("is empty");
    if (text.find_first_of(std::string_view{"\n\0", 2}) != std::string::npos) return wrong("holds more than one line");
    return text;
  }

  [[nodiscard]] bool on_this_machine() const {
    for (std::string_view rest = servers_; !rest.empty();) {
      auto server = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), server.size() + 1));
      if (const auto scheme = server.find("://"); scheme != std::string_view::npos) server.remove_prefix(scheme + 3);
      const auto host = server.substr(0, server.rfind(':'));
      if (host != "localhost" && !host.starts_with("127.") && host != "[::1]") return false;
    }
    return true;
  }

  [[nodiscard]] Result<void> check_files() const {
    for (const auto& [name, value] : login_.properties) {
      const bool is_file = std::ranges::any_of(kFiles, [&](const char* each) { return name == each; });
      if (!is_file || value == "probe" || value.empty()) continue;
      std::error_code ignored;
      const bool readable = std::filesystem::is_directory(value, ignored) || std::ifstream{value}.good();
      if (readable) continue;
      const auto* option = std::ranges::find_if(kTlsOptions, [&](const Option& each) { return name == each.second; });
      const bool by_option = option != kTlsOptions.end() && settings_.given(option->first);
      return fail(
          ErrorKind::usage,
          fmt::format("{}: {} cannot be read; check the path and its permissions",
                      by_option ? fmt::format("--{}", option->first) : fmt::format("Kafka property {}", name), value));
    }
    return {};
  }

  const Settings& settings_;
  std::string_view servers_;
  Method method_{};
  std::string protocol_;
  KafkaLogin login_;
};

}  // namespace

Result<KafkaLogin> kafka_login(const Settings& settings, std::string_view servers) {
  return Login{settings, servers}.make();
}

}  // namespace stack::app
