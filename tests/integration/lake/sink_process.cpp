// A sink as a process of its own, for tests that kill it:
//   sink_process <servers> <topic> <lake folder> [name=value ...]
// Names: table, format, compression, partition_by, count, bytes, age (ms), until_end (0|1), budget, slot,
// connect_timeout (ms).
#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>

#include "lake/folder_store.hpp"
#include "lake/sink.hpp"

namespace {

stack::StopFlag stop;

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void set(stack::lake::SinkOptions& options, std::string_view name, std::string_view value) {
  using namespace stack::lake;
  if (name == "table") options.table = value;
  if (name == "format") options.format = parse_file_format(value).value();
  if (name == "compression") options.compression = parse_compression(value).value();
  if (name == "partition_by") options.partition_by = parse_partition_by(value).value();
  if (name == "count") options.rotation.count = number(value);
  if (name == "bytes") options.rotation.bytes = number(value);
  if (name == "age") options.rotation.age = std::chrono::milliseconds{number(value)};
  if (name == "until_end") options.until_end = value == "1";
  if (name == "budget") options.memory_budget = number(value);
  if (name == "slot") options.slot = value;
}

}  // namespace

namespace {

int run(int argc, char** argv) {
  using namespace stack;
  if (argc < 4) return 2;
  std::signal(SIGTERM, [](int) { stop.request(); });
  kafka::Connection connection{.bootstrap_servers = argv[1], .properties = {}};
  connection.on_notice = [](const std::string& notice) { fmt::print(stderr, "{}\n", notice); };
  lake::SinkOptions options;
  options.topic = argv[2];
  options.until_end = true;
  for (int i = 4; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const auto equals = argument.find('=');
    if (argument.starts_with("connect_timeout="))
      connection.connect_timeout = Milliseconds{static_cast<std::int64_t>(number(argument.substr(equals + 1)))};
    set(options, argument.substr(0, equals), argument.substr(equals + 1));
  }
  auto store = lake::FolderStore::open(argv[3]);
  if (!store) {
    fmt::print(stderr, "{}\n", store.error().message);
    return static_cast<int>(store.error().kind);
  }
  lake::SinkProgress progress;
  const auto summary = lake::run_sink(options, connection, **store, SystemClock{}, stop, progress);
  if (!summary) {
    fmt::print(stderr, "{}\n", summary.error().message);
    return static_cast<int>(summary.error().kind);
  }
  fmt::print(
      R"({{"events":{},"landed":{},"dead_letters":{},"files":{},"claims":{},"adopted":{},"end":{},"seconds":{}}})"
      "\n",
      summary->events, summary->landed, summary->dead_letters, summary->files, summary->claims, summary->adopted,
      summary->reached_end, summary->seconds.count());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {  // an option's value that is none
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
