// The variables that AWS's tools are set up by: the process's environment, or a given one in tests.
// Thread-safety: reads only; the process's environment must not be changed meanwhile. Never fails.
#pragma once

#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace stack::aws {

class Environment {
 public:
  Environment() = default;  // the process's
  explicit Environment(std::map<std::string, std::string> variables) : given_(std::move(variables)) {}

  // None where the variable is unset or empty.
  [[nodiscard]] std::optional<std::string> get(const std::string& name) const {
    if (!given_) {
      const char* value = std::getenv(name.c_str());
      return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>{value};
    }
    const auto found = given_->find(name);
    return found == given_->end() || found->second.empty() ? std::nullopt : std::optional{found->second};
  }

 private:
  std::optional<std::map<std::string, std::string>> given_;
};

}  // namespace stack::aws
