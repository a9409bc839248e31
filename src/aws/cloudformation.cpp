#include "aws/cloudformation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "aws/http_client.hpp"
#include "aws/xml.hpp"

namespace stack::aws {
namespace {

// What CloudFormation says of almost anything that is not as it should be; the sentence tells which.
constexpr std::string_view kValidation = "ValidationError";

std::string text_of(std::string_view xml, std::string_view name) { return xml_text(xml_element(xml, name)); }

void add_field(std::string& body, std::string_view name, std::string_view value) {
  body += fmt::format("{}{}={}", body.empty() ? "" : "&", name, percent_encoded(std::string{value}));
}

std::string body_of(const StackRequest& request) {
  std::string body;
  add_field(body, "StackName", request.name);
  add_field(body, "TemplateBody", request.body);
  add_field(body, "ClientRequestToken", request.token);
  add_field(body, "Capabilities.member.1", "CAPABILITY_NAMED_IAM");
  std::size_t number = 0;
  for (const auto& [name, value] : request.parameters) {
    const auto field = fmt::format("Parameters.member.{}.", ++number);
    add_field(body, field + "ParameterKey", name);
    if (value)
      add_field(body, field + "ParameterValue", *value);
    else
      add_field(body, field + "UsePreviousValue", "true");
  }
  return body;
}

StackState state_of(std::string_view xml) {
  StackState state{.id = text_of(xml, "StackId"),
                   .status = text_of(xml, "StackStatus"),
                   .reason = text_of(xml, "StackStatusReason"),
                   .parameters = {},
                   .outputs = {}};
  for (const auto each : xml_elements(xml_element(xml, "Parameters"), "member"))
    state.parameters.push_back({.name = text_of(each, "ParameterKey"),
                                .value = text_of(each, "ParameterValue"),
                                .resolved = text_of(each, "ResolvedValue")});
  for (const auto each : xml_elements(xml_element(xml, "Outputs"), "member"))
    state.outputs.push_back({.name = text_of(each, "OutputKey"),
                             .value = text_of(each, "OutputValue"),
                             .description = text_of(each, "Description")});
  return state;
}

StackEvent event_of(std::string_view xml) {
  return {.id = text_of(xml, "EventId"),
          .resource = text_of(xml, "LogicalResourceId"),
          .type = text_of(xml, "ResourceType"),
          .status = text_of(xml, "ResourceStatus"),
          .reason = text_of(xml, "ResourceStatusReason")};
}

std::string about(std::string_view name_or_id) { return fmt::format("stack {}", name_or_id); }

// A refusal that CloudFormation says was expected and turned out to be another one of the same code.
std::unexpected<Error> refused(std::string_view name, const ServiceAnswer& answer) {
  return fail(ErrorKind::usage,
              fmt::format("AWS CloudFormation refuses the stack {}: {} {}", name, answer.code, answer.said));
}

}  // namespace

Result<std::optional<StackState>> CloudFormation::find(const std::string& name_or_id) {
  std::string body;
  add_field(body, "StackName", name_or_id);
  STACK_TRY_ASSIGN(answer, client_.call("DescribeStacks", body, {kValidation}, about(name_or_id)));
  if (answer.code.empty()) return state_of(answer.body);
  if (answer.said.find("does not exist") != std::string::npos) return std::nullopt;
  return refused(name_or_id, answer);
}

Result<std::string> CloudFormation::create(const StackRequest& request) {
  STACK_TRY_ASSIGN(answer, client_.call("CreateStack", body_of(request), {kValidation}, about(request.name)));
  if (!answer.code.empty()) return refused(request.name, answer);
  return text_of(answer.body, "StackId");
}

Result<bool> CloudFormation::update(const StackRequest& request) {
  STACK_TRY_ASSIGN(answer, client_.call("UpdateStack", body_of(request), {kValidation}, about(request.name)));
  if (answer.code.empty()) return true;
  if (answer.said.find("No updates are to be performed") != std::string::npos) return false;
  return refused(request.name, answer);
}

Result<void> CloudFormation::remove(const std::string& name, const std::string& token) {
  std::string body;
  add_field(body, "StackName", name);
  add_field(body, "ClientRequestToken", token);
  STACK_TRY(client_.call("DeleteStack", body, {}, about(name)));
  return {};
}

Result<std::vector<StackEvent>> CloudFormation::events_after(const std::string& id, const std::string& last) {
  std::vector<StackEvent> events;  // as they come, newest first
  std::string next;
  do {
    std::string body;
    add_field(body, "StackName", id);
    if (!next.empty()) add_field(body, "NextToken", next);
    STACK_TRY_ASSIGN(answer, client_.call("DescribeStackEvents", body, {}, about(id)));
    next = text_of(answer.body, "NextToken");
    for (const auto each : xml_elements(xml_element(answer.body, "StackEvents"), "member")) {
      auto event = event_of(each);
      if (!last.empty() && event.id == last) {
        next.clear();
        break;
      }
      events.push_back(std::move(event));
    }
  } while (!next.empty());
  std::ranges::reverse(events);
  return events;
}

}  // namespace stack::aws
