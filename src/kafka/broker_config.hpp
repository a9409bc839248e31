// What the local broker is started with: the layout of its data folder, Kafka's settings, logging, Java's command line.
// Thread-safety: values and free functions.
// Failure: unreachable when Java or the jars are missing, with what to install; storage when a file cannot be written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace stack::kafka {

// The data folder of a broker.
struct BrokerFolder {
  std::filesystem::path root;

  [[nodiscard]] std::filesystem::path lock() const { return root / "lock"; }
  [[nodiscard]] std::filesystem::path state() const { return root / "state"; }
  [[nodiscard]] std::filesystem::path cluster_id() const { return root / "cluster-id"; }
  [[nodiscard]] std::filesystem::path properties() const { return root / "server.properties"; }
  [[nodiscard]] std::filesystem::path logging() const { return root / "log4j2.properties"; }
  [[nodiscard]] std::filesystem::path log() const { return root / "broker.log"; }
  [[nodiscard]] std::filesystem::path output() const { return root / "broker.out"; }  // what the JVM itself says
  [[nodiscard]] std::filesystem::path records() const { return root / "records"; }
  [[nodiscard]] std::filesystem::path fencing_properties() const { return root / "fencing.properties"; }
  [[nodiscard]] std::filesystem::path fencing_logging() const { return root / "fencing.log4j2.properties"; }
  [[nodiscard]] std::filesystem::path fencing_log() const { return root / "fencing.log"; }
};

struct BrokerPorts {
  std::uint16_t clients = 0;
  std::uint16_t controller = 0;
};

[[nodiscard]] std::string server_properties(const std::filesystem::path& records, BrokerPorts ports);
[[nodiscard]] std::string logging_properties(const std::filesystem::path& log);
// For a controller without a broker, which fences the former broker (broker_fencing.hpp).
[[nodiscard]] std::string fencing_properties(const std::filesystem::path& records, BrokerPorts ports);
[[nodiscard]] std::string fencing_logging_properties(const std::filesystem::path& log);

// A random id in Kafka's form: 16 bytes as 22 characters of base64url.
[[nodiscard]] std::string random_cluster_id();

// JAVA_HOME's java, else the first on PATH.
[[nodiscard]] Result<std::filesystem::path> find_java();
// STACK_KAFKA_JARS, else those that were installed with the program, else the pinned ones that it was built with.
[[nodiscard]] Result<std::filesystem::path> find_kafka_jars();

[[nodiscard]] std::vector<std::string> broker_command(const std::filesystem::path& java,
                                                      const std::filesystem::path& jars, const BrokerFolder& folder);
[[nodiscard]] std::vector<std::string> format_command(const std::filesystem::path& java,
                                                      const std::filesystem::path& jars,
                                                      const std::filesystem::path& properties,
                                                      std::string_view cluster_id);
[[nodiscard]] std::vector<std::string> fencing_command(const std::filesystem::path& java,
                                                       const std::filesystem::path& jars, const BrokerFolder& folder);
// Of this program's environment only what Java needs: no credentials.
[[nodiscard]] std::vector<std::string> java_environment();

}  // namespace stack::kafka
