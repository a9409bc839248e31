#include "iam/policy_document.hpp"

#include <fmt/format.h>

#include "lake/json_text.hpp"

namespace stack::iam {
namespace {

using lake::json_string;

// "NAME": value, at DEPTH levels of indentation.
std::string member(int depth, std::string_view name, std::string_view value) {
  return fmt::format("{:{}}{}: {}", "", 2 * depth, json_string(name), value);
}

std::string joined(const std::vector<std::string>& parts, std::string_view open, std::string_view close, int depth) {
  std::string out{open};
  for (const auto& part : parts) out += fmt::format("{}\n{}", &part == &parts.front() ? "" : ",", part);
  return out + fmt::format("\n{:{}}{}", "", 2 * depth, close);
}

std::string list(const std::vector<std::string>& texts, int depth) {
  std::vector<std::string> lines;
  lines.reserve(texts.size());
  for (const auto& text : texts) lines.push_back(fmt::format("{:{}}{}", "", 2 * (depth + 1), json_string(text)));
  return joined(lines, "[", "]", depth);
}

std::string principals_of(const PolicyStatement& statement) {
  std::vector<std::string> lines;
  for (const auto& principal : statement.principals)
    lines.push_back(member(4, principal.kind, json_string(principal.name)));
  return joined(lines, "{", "}", 3);
}

std::string conditions_of(const PolicyStatement& statement) {
  std::vector<std::string> lines;
  for (const auto& condition : statement.conditions) {
    const auto value = condition.values.size() == 1 ? json_string(condition.values.front()) : list(condition.values, 5);
    const std::vector<std::string> keys = {member(5, condition.key, value)};
    lines.push_back(member(4, condition.operation, joined(keys, "{", "}", 4)));
  }
  return joined(lines, "{", "}", 3);
}

std::string statement_of(const PolicyStatement& statement) {
  std::vector<std::string> lines = {member(3, "Sid", json_string(statement.id)),
                                    member(3, "Effect", json_string("Allow"))};
  if (!statement.principals.empty()) lines.push_back(member(3, "Principal", principals_of(statement)));
  lines.push_back(member(3, "Action", list(statement.actions, 3)));
  if (!statement.resources.empty()) lines.push_back(member(3, "Resource", list(statement.resources, 3)));
  if (!statement.conditions.empty()) lines.push_back(member(3, "Condition", conditions_of(statement)));
  return "    " + joined(lines, "{", "}", 2);
}

}  // namespace

std::string to_json(const PolicyDocument& document) {
  std::vector<std::string> statements;
  statements.reserve(document.size());
  for (const auto& statement : document) statements.push_back(statement_of(statement));
  return joined(
             {member(1, "Version", json_string("2012-10-17")), member(1, "Statement", joined(statements, "[", "]", 1))},
             "{", "}", 0) +
         "\n";
}

}  // namespace stack::iam
