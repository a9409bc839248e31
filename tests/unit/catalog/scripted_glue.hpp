// AWS Glue as a test says it: answers by operation, and what was asked.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../aws/canned_server.hpp"
#include "aws/service_client.hpp"
#include "core/time.hpp"

namespace stack::catalog {

class ScriptedGlue {
 public:
  using Answer = std::function<std::string(const std::string& body)>;

  // What OPERATION is answered, in this order; the last stays. Anything else is answered {}.
  void on(const std::string& operation, std::vector<Answer> answers) { answers_[operation] = std::move(answers); }
  void on(const std::string& operation, std::string body) {
    on(operation, {[body = std::move(body)](const std::string&) { return ok(body); }});
  }

  static std::string ok(const std::string& body) { return aws::testing_support::CannedServer::ok(body); }
  static Answer says(std::string body) {
    return [body = std::move(body)](const std::string&) { return ok(body); };
  }
  static Answer refuses(const std::string& code, const std::string& said = "no") {
    return [=](const std::string&) {
      return aws::testing_support::CannedServer::ok(R"({"__type":")" + code + R"(","Message":")" + said + R"("})",
                                                    "400 Bad Request");
    };
  }

  // The bodies of the calls of OPERATION so far.
  [[nodiscard]] std::vector<std::string> asked(const std::string& operation) const {
    std::vector<std::string> bodies;
    for (const std::string& request : server_.requests()) {
      if (operation_of(request) == operation) bodies.push_back(body_of(request));
    }
    return bodies;
  }
  // All operations, in order.
  [[nodiscard]] std::vector<std::string> operations() const {
    std::vector<std::string> names;
    for (const std::string& request : server_.requests()) names.push_back(operation_of(request));
    return names;
  }

  [[nodiscard]] std::unique_ptr<aws::ServiceClient> client() const {
    const aws::Environment keys{{{"AWS_ACCESS_KEY_ID", "tester"},
                                 {"AWS_SECRET_ACCESS_KEY", "tester-secret"},
                                 {"AWS_CONFIG_FILE", "/nonexistent"},
                                 {"AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"}}};
    auto credentials = std::make_shared<aws::CredentialProvider>(keys, aws::ProviderOptions{}, clock_);
    return aws::ServiceClient::open(aws::kGlue, {.region = "us-east-1", .endpoint = server_.url()},
                                    std::move(credentials), clock_, keys)
        .value();
  }
  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  static std::string operation_of(const std::string& request) {
    std::string lower = request.substr(0, request.find("\r\n\r\n"));
    const std::string name = "AWSGlue.";
    const auto at = lower.find(name);
    if (at == std::string::npos) return {};
    return lower.substr(at + name.size(), lower.find("\r\n", at) - at - name.size());
  }
  static std::string body_of(const std::string& request) { return request.substr(request.find("\r\n\r\n") + 4); }

  std::string answer(const std::string& request) {
    const auto found = answers_.find(operation_of(request));
    if (found == answers_.end()) return ok("{}");
    const Answer now = found->second.front();
    if (found->second.size() > 1) found->second.erase(found->second.begin());
    return now(body_of(request));
  }

  SystemClock clock_;
  std::map<std::string, std::vector<Answer>> answers_;
  aws::testing_support::CannedServer server_{[this](const std::string& request) { return answer(request); }};
};

}  // namespace stack::catalog
