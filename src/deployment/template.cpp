#include "deployment/template.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <regex>

#include "core/nearest_name.hpp"

namespace stack::deployment {

extern const std::string_view kDeployTemplateText;

namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return text;
}

// What stands after PREFIX in LINE; empty where LINE does not begin so.
std::string_view after(std::string_view line, std::string_view prefix) {
  return line.starts_with(prefix) ? trimmed(line.substr(prefix.size())) : std::string_view{};
}

std::vector<std::string_view> items_of(std::string_view list) {
  std::vector<std::string_view> items;
  if (list.size() < 2 || list.front() != '[') return items;
  list = list.substr(1, list.size() - 2);
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    items.push_back(trimmed(list.substr(0, comma)));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return items;
}

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void read_parameter_line(std::string_view line, TemplateParameter& parameter) {
  if (line.starts_with("    Default:")) {
    parameter.fallback = after(line, "    Default:");
    parameter.required = false;
  } else if (line.starts_with("    AllowedValues:")) {
    parameter.allowed = items_of(after(line, "    AllowedValues:"));
  } else if (line.starts_with("    AllowedPattern:")) {
    const auto pattern = after(line, "    AllowedPattern:");
    parameter.pattern = trimmed(pattern.substr(0, pattern.find("  # ")));
  } else if (line.starts_with("    Type:")) {
    parameter.number = after(line, "    Type:") == "Number";
  } else if (line.starts_with("    MinValue:")) {
    parameter.least = number_in(after(line, "    MinValue:"));
  } else if (line.starts_with("    MaxValue:")) {
    parameter.most = number_in(after(line, "    MaxValue:"));
  }
}

void read_resource_line(std::string_view line, TemplateResource& resource) {
  if (line.starts_with("    Type:")) resource.type = after(line, "    Type:");
  if (line.starts_with("    Condition:")) resource.condition = after(line, "    Condition:");
}

// What a value of PARAMETER is, where VALUE is none; empty where it is one.
std::string expected_instead(const TemplateParameter& parameter, const std::string& value) {
  if (!parameter.allowed.empty() && std::ranges::find(parameter.allowed, value) == parameter.allowed.end())
    return fmt::format("one of {}", fmt::join(parameter.allowed, ", "));
  if (parameter.number) {
    const auto number = number_in(value);
    const bool whole = value.find_first_of(".eE") == std::string::npos;  // all of them count things
    if (number && whole && number >= parameter.least.value_or(*number) && number <= parameter.most.value_or(*number))
      return {};
    return fmt::format("a whole number{}{}", parameter.least ? fmt::format(", {} at least", *parameter.least) : "",
                       parameter.most ? fmt::format(", {} at most", *parameter.most) : "");
  }
  if (parameter.pattern.empty()) return {};
  try {
    const std::regex pattern{parameter.pattern.begin(), parameter.pattern.end()};
    if (std::regex_match(value, pattern)) return {};
  } catch (const std::regex_error&) {
    return {};  // a template of the user's own, in the words of another dialect: CloudFormation decides
  }
  return fmt::format("what the pattern {} takes", parameter.pattern);
}

// Of a condition of the template; they are few, and a test compares what is said here with the template's own.
bool holds(std::string_view condition, const ParameterValues& values) {
  const auto is = [&](std::string_view name, std::string_view value) {
    const auto it = values.find(name);
    return it != values.end() && it->second == value;
  };
  const bool msk = is("Kafka", "msk-serverless");
  const bool own_vpc = is("VpcId", "");
  if (condition == "Msk") return msk;
  if (condition == "MakeVpc") return own_vpc;
  if (condition == "MskInMadeVpc") return msk && own_vpc;
  return condition != "MakeBucket" || is("Bucket", "new");
}

}  // namespace

DeploymentTemplate read_template(std::string_view text) {
  DeploymentTemplate read{.text = text, .parameters = {}, .resources = {}};
  std::string_view section;
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty() || trimmed(line).starts_with('#')) continue;
    if (line.front() != ' ') {
      section = line.substr(0, line.find(':'));
      continue;
    }
    const bool is_name = line.size() > 2 && line.starts_with("  ") && line[2] != ' ';
    const auto name = is_name ? line.substr(2, line.find(':') - 2) : std::string_view{};
    if (section == "Parameters") {
      if (is_name) {
        auto& added = read.parameters.emplace_back();
        added.name = name;
        added.required = true;
      }
      if (!is_name) read_parameter_line(line, read.parameters.back());
    } else if (section == "Resources") {
      const auto comment = line.find("  # ");
      if (is_name)
        read.resources.push_back(
            {.name = name,
             .type = {},
             .condition = {},
             .purpose = comment == std::string_view::npos ? std::string_view{} : line.substr(comment + 4)});
      if (!is_name) read_resource_line(line, read.resources.back());
    }
  }
  return read;
}

const DeploymentTemplate& deployment_template() {
  static const DeploymentTemplate read = read_template(kDeployTemplateText);
  return read;
}

Result<ParameterValues> parse_parameters(const DeploymentTemplate& from, const std::vector<std::string>& given) {
  ParameterValues values;
  std::vector<std::string_view> names;
  names.reserve(from.parameters.size());
  for (const auto& parameter : from.parameters) names.push_back(parameter.name);
  for (const auto& line : given) {
    const auto equals = line.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(ErrorKind::usage, fmt::format("--parameter: {} is not NAME=VALUE", line));
    const auto name = std::string_view{line}.substr(0, equals);
    const auto value = line.substr(equals + 1);
    const auto it = std::ranges::find(from.parameters, name, &TemplateParameter::name);
    if (it == from.parameters.end()) {
      const auto nearest = nearest_name(name, names);
      return fail(ErrorKind::usage, fmt::format("--parameter: the template has no parameter {}; {}", name,
                                                nearest.empty() ? fmt::format("it has {}", fmt::join(names, ", "))
                                                                : fmt::format("did you mean {}?", nearest)));
    }
    if (const auto expected = expected_instead(*it, value); !expected.empty())
      return fail(ErrorKind::usage, fmt::format("--parameter: {} is not \"{}\"; it is {}", name, value, expected));
    values[std::string{name}] = value;
  }
  return values;
}

ParameterValues with_defaults(const DeploymentTemplate& from, ParameterValues values) {
  for (const auto& parameter : from.parameters)
    if (!parameter.required) values.try_emplace(std::string{parameter.name}, parameter.fallback);
  return values;
}

std::vector<TemplateResource> resources_made(const DeploymentTemplate& from, const ParameterValues& values) {
  std::vector<TemplateResource> made;
  for (const auto& resource : from.resources)
    if (resource.condition.empty() || holds(resource.condition, values)) made.push_back(resource);
  return made;
}

}  // namespace stack::deployment
