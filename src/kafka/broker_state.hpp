// What a local broker's data folder remembers of its broker: the process, its ports, and the port that was asked for.
// Thread-safety: free functions; writers hold the folder's lock, readers see either the old or the new state.
// Failure: storage, with the path. A state that cannot be understood counts as none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "core/result.hpp"
#include "kafka/broker_config.hpp"
#include "kafka/broker_process.hpp"

namespace stack::kafka {

struct BrokerState {
  ProcessIdentity process;
  BrokerPorts ports;
  std::uint16_t wanted_port = 0;
};

[[nodiscard]] std::optional<BrokerState> read_broker_state(const BrokerFolder& folder);
[[nodiscard]] Result<void> write_broker_state(const BrokerFolder& folder, const BrokerState& state);

// Whole or not at all: written beside PATH and renamed.
[[nodiscard]] Result<void> write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace stack::kafka
