// What the user asked for, layered: flag, environment, `.env`, `stack.toml`, default (the first that speaks wins).
// Unknown or misspelt keys in any layer are errors, and every error names the layer that said it.
// Thread-safety: built once at start-up, constant afterwards.
// Failure: ErrorKind::usage, naming option, value and origin.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/properties.hpp"

namespace stack::app {

struct OptionSpec;

struct Setting {
  std::string text;
  std::string origin;  // "--limit", "STACK_LIMIT", ".env:3", "stack.toml:5"
};

class Settings {
 public:
  // FLAGS: option name to value as given on the command line ("true" for a flag).
  // VARIABLES: the process's environment as NAME=VALUE strings.
  // Reads the files that --env-file and --config name, else `.env` and `stack.toml` in FOLDER if they exist.
  static Result<Settings> load(std::map<std::string, std::string> flags, const std::vector<std::string>& variables,
                               const std::filesystem::path& folder);

  // True when any layer but the default said something.
  [[nodiscard]] bool given(std::string_view name) const { return values_.contains(std::string{name}); }
  // True when the command line itself did.
  [[nodiscard]] bool on_command_line(std::string_view name) const;
  // The value with its default; empty when there is neither.
  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] bool flag(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;   // split at commas; no blank ones
  [[nodiscard]] std::vector<std::string> lines(std::string_view name) const;  // of a repeatable option

  // Those of --kafka-property and of the table [kafka], checked. What a higher layer says of a property wins over what
  // a lower one does; the higher layers' come last.
  [[nodiscard]] const kafka::Properties& kafka_properties() const { return kafka_properties_; }

  // None where neither given nor defaulted. Errors on anything that is not wholly such a value or out of range.
  [[nodiscard]] Result<std::optional<std::uint64_t>> whole(std::string_view name, std::uint64_t least,
                                                           std::uint64_t most) const;
  [[nodiscard]] Result<std::optional<double>> positive(std::string_view name) const;  // > 0, finite
  [[nodiscard]] Result<std::optional<Date>> date(std::string_view name) const;
  [[nodiscard]] Result<std::optional<Milliseconds>> duration(std::string_view name) const;  // 500ms, 5s, 2m, 1h
  [[nodiscard]] Result<std::optional<std::uint64_t>> bytes(std::string_view name) const;    // 64MB, 128MiB, 1000
  [[nodiscard]] Result<std::string> choice(std::string_view name, std::vector<std::string_view> allowed) const;
  [[nodiscard]] Error wrong(std::string_view name, std::string_view expected) const;

  // The command that the settings are for; empty: not known.
  void set_command(std::string_view name) { command_ = name; }
  [[nodiscard]] const std::string& command() const { return command_; }

  // Sets NAME unless something was said: how a command gives its own default.
  void set_default(std::string_view name, std::string value);

 private:
  Result<void> add_environment(const std::vector<std::string>& variables);
  Result<void> add_env_file(const std::filesystem::path& file);
  Result<void> add_toml(const std::filesystem::path& file);
  void add(std::string_view name, std::string value, std::string origin);
  Result<void> add_value(const OptionSpec& option, std::string value, std::string origin);
  Result<void> add_kafka_properties(const std::string& text, std::string_view origin);
  void add_layer(kafka::Properties layer);
  [[nodiscard]] Result<void> check_switches() const;

  std::map<std::string, Setting, std::less<>> values_;
  std::map<std::string, std::string, std::less<>> defaults_;
  std::string command_;
  kafka::Properties kafka_properties_;
};

// Parsers of the values' forms, for the command line and for tests.
[[nodiscard]] std::optional<bool> parse_switch(std::string_view text);  // true, yes, on, 1; false, no, off, 0
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view text);

}  // namespace stack::app
