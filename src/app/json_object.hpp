// One JSON object, written field by field: what --json prints. Thread-safety: values. Never fails.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <string>
#include <string_view>

#include "lake/json_text.hpp"

namespace stack::app {

class JsonObject {
 public:
  JsonObject& text(std::string_view name, std::string_view value) { return raw(name, lake::json_string(value)); }
  template <class Number>
  requires std::integral<Number> || std::same_as<Number, bool> JsonObject& number(std::string_view name, Number value) {
    return raw(name, fmt::format("{}", value));
  }
  JsonObject& seconds(std::string_view name, double value) { return raw(name, fmt::format("{:.3f}", value)); }
  // VALUE is JSON already.
  JsonObject& raw(std::string_view name, std::string_view value) {
    body_ += fmt::format("{}{}:{}", body_.empty() ? "" : ",", lake::json_string(name), value);
    return *this;
  }
  [[nodiscard]] std::string str() const { return "{" + body_ + "}"; }

 private:
  std::string body_;
};

}  // namespace stack::app
