// stack control: steers a feed that `produce` or `run` plays with --control.
#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <string>

#include "app/command.hpp"
#include "http/client.hpp"

namespace stack::app {
namespace {

struct Action {
  std::string_view name;
  std::string_view method;
  bool has_value;
};
constexpr std::array kActions = {Action{"status", "GET", false},  Action{"pause", "POST", false},
                                 Action{"resume", "POST", false}, Action{"speed", "POST", true},
                                 Action{"rate", "POST", true},    Action{"stop", "POST", false}};

Result<http::Request> request_of(const std::vector<std::string>& arguments) {
  const auto& name = arguments[1];
  const auto* action = std::ranges::find(kActions, name, &Action::name);
  if (action == kActions.end())
    return fail(ErrorKind::usage, fmt::format("control: {} is none of status, pause, resume, speed, rate, stop", name));
  if (action->has_value != (arguments.size() == 3))
    return fail(ErrorKind::usage, fmt::format("control: {} takes {}", name,
                                              action->has_value ? "a number, as speed 60x or rate 5000" : "no value"));
  std::string target = fmt::format("/{}", name);
  if (action->has_value) target += fmt::format("?x={}", arguments[2]);
  // What is no number stays out of the request's line.
  if (target.find_first_of(" \r\n#&%") != std::string::npos)
    return fail(ErrorKind::usage, fmt::format("control: \"{}\" is no {}", arguments[2], name));
  return http::Request{.method = std::string{action->method}, .target = target, .body = {}, .host = {}};
}

// The reason that a refusal gives.
std::string reason_of(const http::Response& response) {
  simdjson::dom::parser parser;
  std::string_view reason;
  if (parser.parse(response.body)["error"].get(reason) == simdjson::SUCCESS) return std::string{reason};
  return response.body.substr(0, response.body.find('\n'));
}

}  // namespace

Result<int> control_command(Context& context) {
  const auto& arguments = context.arguments;
  STACK_TRY_ASSIGN(address, http::parse_address(arguments.front()));
  STACK_TRY_ASSIGN(request, request_of(arguments));
  STACK_TRY_ASSIGN(response, http::ask(address, request));
  if (response.status != 200)
    return fail(response.status == 409 ? ErrorKind::conflict : ErrorKind::usage,
                fmt::format("{} at {}: {} ({})", arguments[1], arguments[0], reason_of(response), response.status));
  fmt::print("{}", response.body);
  return 0;
}

}  // namespace stack::app
