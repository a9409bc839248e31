// The audit as a process of its own: verify_process <servers> <topic> <lake folder> [table]
#include <fmt/format.h>

#include <cstdio>

#include "lake/folder_store.hpp"
#include "lake/verify.hpp"

int main(int argc, char** argv) {
  using namespace stack;
  if (argc < 4) return 2;
  auto store = lake::FolderStore::open(argv[3], lake::FolderStore::IfMissing::refuse);
  if (!store) {
    fmt::print(stderr, "{}\n", store.error().message);
    return static_cast<int>(store.error().kind);
  }
  const kafka::Connection connection{.bootstrap_servers = argv[1], .properties = {}};
  const StopFlag stop;
  lake::VerifyProgress progress;
  const lake::VerifyOptions options{.topic = argv[2], .table = argc > 4 ? argv[4] : "ticks"};
  const auto result = lake::verify(options, connection, **store, stop, progress);
  if (!result) {
    fmt::print(stderr, "{}\n", result.error().message);
    return static_cast<int>(result.error().kind);
  }
  for (const auto& message : result->messages) fmt::print(stderr, "{}\n", message);
  fmt::print(R"({{"lost":{},"duplicated":{},"records":{},"rows":{},"dead_letters":{},"ranges":{},"symbols":{}}})"
             "\n",
             result->lost, result->duplicated, result->records, result->rows, result->dead_letters, result->ranges,
             result->symbols);
  return result->clean() ? 0 : 1;
}
