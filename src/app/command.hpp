// A subcommand of the program: what it is called, what it takes, what it does.
// Thread-safety: constant data; a body runs on the main thread.
// Failure: a body returns the exit code, or an Error whose kind is the exit code.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/settings.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"

namespace stack::app {

struct Context {
  Settings& settings;
  std::vector<std::string> arguments;  // positional
  StopFlag& stop;                      // set by SIGINT and SIGTERM
  const Clock& clock;
};

struct Command {
  std::string_view name;
  std::string_view summary;
  std::string_view arguments;       // placeholder of the positional arguments, e.g. "[DATA.csv]"; empty: takes none
  std::string_view arguments_help;  // what they are
  std::size_t least_arguments;
  std::size_t most_arguments;
  std::vector<std::string_view> options;  // beside those that every command has
  std::string_view example;  // a line each
  Result<int> (*body)(Context&);
};

[[nodiscard]] std::span<const Command> all_commands();

// The options that every command has.
[[nodiscard]] std::span<const std::string_view> options_everywhere();

// Groups of options that several commands share.
[[nodiscard]] std::vector<std::string_view> options_of(std::initializer_list<std::span<const std::string_view>> groups,
                                                       std::initializer_list<std::string_view> more = {});
extern const std::span<const std::string_view> kFeedOptionNames;
extern const std::span<const std::string_view> kPaceOptionNames;
extern const std::span<const std::string_view> kKafkaOptionNames;
extern const std::span<const std::string_view> kLakeOptionNames;
extern const std::span<const std::string_view> kSinkOptionNames;

Result<int> run_command(Context& context);
Result<int> simulate_command(Context& context);
Result<int> simulate_bars_command(Context& context);  // of simulate --bars
Result<int> report_command(Context& context);
Result<int> produce_command(Context& context);
Result<int> sink_command(Context& context);
Result<int> compact_command(Context& context);
Result<int> crawl_command(Context& context);
Result<int> query_command(Context& context);
Result<int> catalog_command(Context& context);
Result<int> verify_command(Context& context);
Result<int> kafka_command(Context& context);
Result<int> topic_command(Context& context);
Result<int> control_command(Context& context);
Result<int> iam_command(Context& context);
Result<int> doctor_command(Context& context);
Result<int> deploy_command(Context& context);
Result<int> dlq_command(Context& context);
Result<int> clean_command(Context& context);
Result<int> man_command(Context& context);
Result<int> completion_command(Context& context);

}  // namespace stack::app
