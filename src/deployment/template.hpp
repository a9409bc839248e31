// The CloudFormation template that `stack deploy aws` deploys: its text, which is deploy/aws/stack.yaml at the time of
// the build, and what can be said of it without AWS: parameters and resources. Thread-safety: constant data and pure
// functions. Failure: ErrorKind::usage for a value that the template does not take.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace stack::deployment {

// CloudFormation takes templates of up to 51,200 bytes in the call itself; longer ones would want a bucket first.
inline constexpr std::size_t kMostTemplateBytes = 51'200;

struct TemplateParameter {
  std::string_view name;
  std::string_view fallback;              // empty where there is none, or where it is empty
  bool required = false;                  // no default
  std::vector<std::string_view> allowed;  // empty: not from a list
  std::string_view pattern;               // of the whole value, as a regular expression; empty: any
  bool number = false;
  std::optional<double> least;  // of a number
  std::optional<double> most;
};

struct TemplateResource {
  std::string_view name;
  std::string_view type;
  std::string_view condition;  // empty: always
  std::string_view purpose;
};

struct DeploymentTemplate {
  std::string_view text;
  std::vector<TemplateParameter> parameters;
  std::vector<TemplateResource> resources;
};

// TEXT in the form in which deploy/aws/stack.yaml is written: two blanks a level, a resource's purpose as the comment
// beside its name.
[[nodiscard]] DeploymentTemplate read_template(std::string_view text);
[[nodiscard]] const DeploymentTemplate& deployment_template();

using ParameterValues = std::map<std::string, std::string, std::less<>>;

// GIVEN, lines of NAME=VALUE, checked against the names, lists, patterns and bounds of the template.
[[nodiscard]] Result<ParameterValues> parse_parameters(const DeploymentTemplate& from,
                                                       const std::vector<std::string>& given);
// With the defaults of what VALUES does not name.
[[nodiscard]] ParameterValues with_defaults(const DeploymentTemplate& from, ParameterValues values);
// What is made with these values, in the template's order.
[[nodiscard]] std::vector<TemplateResource> resources_made(const DeploymentTemplate& from,
                                                           const ParameterValues& values);

}  // namespace stack::deployment
