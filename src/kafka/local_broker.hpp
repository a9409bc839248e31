// The managed local broker: real Apache Kafka (KRaft, one node) from the pinned jars, in a data folder of its own.
// It listens on 127.0.0.1 only, outlives the program that started it, and keeps topics, offsets and (where it is free)
// its port over restarts, a kill -9 included.
// Thread-safety: free functions; any number of threads and processes may call them for the same folder, a lock file
// in the folder puts them in order.
// Failure: unreachable (no Java, no jars, died at start, no answer in time), storage (the folder), interrupted; each
// message names the log to read or the command to run.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"

namespace stack::kafka {

struct LocalBrokerOptions {
  std::filesystem::path data;          // empty: default_broker_folder()
  std::uint16_t port = 9092;           // wanted; a free one near it if this one is taken
  Milliseconds start_timeout{30'000};  // until it answers; a broker that is late is left starting
};

struct BrokerStatus {
  bool running = false;
  bool started_now = false;  // this call started it
  pid_t pid = 0;             // 0 unless running, as the fields below
  std::uint16_t port = 0;
  std::string bootstrap_servers;  // "127.0.0.1:<port>"
  std::uint64_t resident_bytes = 0;
  std::filesystem::path data;  // always set
  std::filesystem::path log;   // always set: the broker's log file
};

// ${XDG_DATA_HOME:-$HOME/.local/share}/stack/kafka
[[nodiscard]] std::filesystem::path default_broker_folder();

// Makes sure that a broker runs on the folder and answers: starts it, waits for one that is starting, or finds it.
[[nodiscard]] Result<BrokerStatus> broker_up(const LocalBrokerOptions& options, const StopFlag* stop = nullptr);

// Ends it cleanly and waits for it; not running is no error. An empty path is the default folder, here and below.
[[nodiscard]] Result<BrokerStatus> broker_down(const std::filesystem::path& data = {},
                                               Milliseconds timeout = Milliseconds{30'000});

// Whether it runs; starts and changes nothing.
[[nodiscard]] Result<BrokerStatus> broker_status(const std::filesystem::path& data = {});

// Java and the jars, as `broker_up` would use them, for `stack doctor`; an error says what to install.
struct BrokerInstallation {
  std::filesystem::path java;
  std::string java_version;  // as "17.0.21"
  std::filesystem::path jars;
};
[[nodiscard]] Result<BrokerInstallation> check_broker_installation();

}  // namespace stack::kafka
