// Stacks of AWS CloudFormation: made, changed, removed and watched.
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference)
// Thread-safety: as ServiceClient. Failure: as ServiceClient; the stack is named.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/service_client.hpp"
#include "core/result.hpp"

namespace stack::aws {

struct StackParameter {
  std::string name;
  std::string value;     // as given
  std::string resolved;  // what a name in the Parameter Store stands for; empty: VALUE is what it is
};

struct StackOutput {
  std::string name;
  std::string value;
  std::string description;
};

struct StackState {
  std::string id;
  std::string status;  // "CREATE_COMPLETE"
  std::string reason;
  std::vector<StackParameter> parameters;
  std::vector<StackOutput> outputs;
};

struct StackEvent {
  std::string id;
  std::string resource;  // its name in the template; of the stack itself, the stack's name
  std::string type;
  std::string status;
  std::string reason;
};

struct StackRequest {
  std::string name;
  std::string_view body;  // the template
  // Without a value: the one that the stack has.
  std::vector<std::pair<std::string, std::optional<std::string>>> parameters;
  std::string token;  // the same request sent twice is one
};

class CloudFormation {
 public:
  // CLIENT: of kCloudFormation, and outlives this.
  explicit CloudFormation(ServiceClient& client) : client_(client) {}

  // None: there is no such stack. A stack that is removed is found by its id alone.
  [[nodiscard]] Result<std::optional<StackState>> find(const std::string& name_or_id);
  // Its id. Where it fails, what it has made is removed again; the stack, empty, stays until remove().
  [[nodiscard]] Result<std::string> create(const StackRequest& request);
  // False: it is what is asked for already.
  [[nodiscard]] Result<bool> update(const StackRequest& request);
  [[nodiscard]] Result<void> remove(const std::string& name, const std::string& token);
  // Those after the event LAST, oldest first; of an empty LAST, all.
  [[nodiscard]] Result<std::vector<StackEvent>> events_after(const std::string& id, const std::string& last);

 private:
  ServiceClient& client_;
};

}  // namespace stack::aws
