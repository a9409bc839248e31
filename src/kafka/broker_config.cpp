#include "kafka/broker_config.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <random>
#include <system_error>

namespace stack::kafka {
namespace {

constexpr std::string_view java_advice =
    "install Java 17 or later (Debian: apt-get install openjdk-17-jre-headless), or set JAVA_HOME";

std::string_view environment_value(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

bool is_program(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

bool has_jar(const std::filesystem::path& folder, std::string_view prefix) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const auto name = entry->path().filename().native();
    if (name.starts_with(prefix) && name.ends_with(".jar")) return true;
  }
  return false;
}

// Measured on two cores with 4 partitions: the serial collector takes 60 MB less than G1 at the same throughput, and
// without C2's profiling arenas the code cache stays small. Page cache, not heap, holds the records.
constexpr std::array java_options = {"-Xms96m",
                                     "-Xmx320m",
                                     "-Xss512k",
                                     "-XX:+UseSerialGC",
                                     "-XX:MaxDirectMemorySize=64m",
                                     "-XX:MaxMetaspaceSize=128m",
                                     "-XX:ReservedCodeCacheSize=64m",
                                     "-XX:-UsePerfData",
                                     "-Xshare:auto",
                                     "-XX:+ExitOnOutOfMemoryError",
                                     "-Djava.awt.headless=true",
                                     "-Dfile.encoding=UTF-8"};

std::string class_path(const std::filesystem::path& jars) { return (jars / "*").native(); }

}  // namespace

std::string server_properties(const std::filesystem::path& records, BrokerPorts ports) {
  return fmt::format(R"(# Written at every start of the local broker; changes are lost.
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{clients},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{clients}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={records}

# There is nobody to take over from a broker that is only slow or stopped for a while.
broker.session.timeout.ms=60000

# One node is the whole cluster.
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
offsets.topic.num.partitions=8
transaction.state.log.num.partitions=8
share.coordinator.state.topic.num.partitions=4
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
auto.create.topics.enable=false

# Records stay until their topic is deleted: a feed may carry times of decades ago.
log.retention.ms=-1
log.retention.bytes=-1
log.segment.bytes=268435456
offsets.retention.minutes=525600
transactional.id.expiration.ms=2147483647
message.max.bytes=8388608
replica.fetch.max.bytes=8388608

# A small node.
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
background.threads=2
log.cleaner.dedupe.buffer.size=8388608
log.cleaner.io.buffer.size=131072
socket.send.buffer.bytes=-1
socket.receive.buffer.bytes=-1
queued.max.requests=64
)",
                     fmt::arg("controller", ports.controller), fmt::arg("clients", ports.clients),
                     fmt::arg("records", records.native()));
}

std::string logging_properties(const std::filesystem::path& log) {
  return fmt::format(R"(# Written at every start of the local broker; changes are lost.
status=error
appender.file.type=RollingFile
appender.file.name=file
appender.file.fileName={log}
appender.file.filePattern={log}.%i
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=%d{{yyyy-MM-dd HH:mm:ss.SSS}} %p %m (%c)%n
appender.file.policies.type=Policies
appender.file.policies.size.type=SizeBasedTriggeringPolicy
appender.file.policies.size.size=4MB
appender.file.strategy.type=DefaultRolloverStrategy
appender.file.strategy.max=2
rootLogger.level=warn
rootLogger.appenderRef.file.ref=file
logger.server.name=kafka.server.KafkaRaftServer
logger.server.level=info
logger.recovery.name=org.apache.kafka.storage.internals.log.LogManager
logger.recovery.level=info
logger.markers.name=kafka.coordinator.transaction.TransactionMarkerChannelManager
logger.markers.level=info
)",
                     fmt::arg("log", log.native()));
}

std::string fencing_properties(const std::filesystem::path& records, BrokerPorts ports) {
  return fmt::format(R"(# Written when the local broker is started after it was killed; changes are lost.
process.roles=controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=CONTROLLER:PLAINTEXT
log.dirs={records}
broker.session.timeout.ms=200
broker.heartbeat.interval.ms=100
metadata.max.idle.interval.ms=50
)",
                     fmt::arg("controller", ports.controller), fmt::arg("records", records.native()));
}

std::string fencing_logging_properties(const std::filesystem::path& log) {
  return fmt::format(R"(# Written when the local broker is started after it was killed; changes are lost.
status=error
appender.file.type=File
appender.file.name=file
appender.file.fileName={log}
appender.file.append=false
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=%d{{yyyy-MM-dd HH:mm:ss.SSS}} %p %m (%c)%n
rootLogger.level=warn
rootLogger.appenderRef.file.ref=file
logger.server.name=kafka.server.KafkaRaftServer
logger.server.level=info
logger.replicas.name=org.apache.kafka.controller.ReplicationControlManager
logger.replicas.level=info
logger.controller.name=org.apache.kafka.controller.QuorumController
logger.controller.level=debug
)",
                     fmt::arg("log", log.native()));
}

std::string random_cluster_id() {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::random_device random;
  std::string id;
  id.push_back(digits[random() % 62]);  // no leading dash, which Kafka's tools would take for an option
  while (id.size() < 21) id.push_back(digits[random() % 64]);
  id.push_back(digits[std::size_t{random() % 4} * 16]);  // 128 bits are 21 digits and two bits
  return id;
}

Result<std::filesystem::path> find_java() {
  if (const auto home = environment_value("JAVA_HOME"); !home.empty()) {
    const auto java = std::filesystem::path(home) / "bin" / "java";
    if (is_program(java)) return java;
    return fail(ErrorKind::unreachable, fmt::format("no Java at JAVA_HOME={}; {}", home, java_advice));
  }
  std::string_view path = environment_value("PATH");
  while (!path.empty()) {
    const auto end = std::min(path.find(':'), path.size());
    const auto java = std::filesystem::path(path.substr(0, end)) / "java";
    if (is_program(java)) return java;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return fail(ErrorKind::unreachable, fmt::format("the local broker needs Java, and there is none; {}", java_advice));
}

Result<std::filesystem::path> find_kafka_jars() {
  const auto are_in = [](const std::filesystem::path& folder) {
    return has_jar(folder, "kafka_2.13-") && has_jar(folder, "kafka-clients-");
  };
  if (const auto named = environment_value("STACK_KAFKA_JARS"); !named.empty()) {
    if (are_in(named)) return std::filesystem::absolute(named);
    return fail(ErrorKind::unreachable, fmt::format("no Apache Kafka jars in {} (STACK_KAFKA_JARS); unset it where "
                                                    "scripts/build has fetched them, or name a running broker with "
                                                    "--bootstrap-servers",
                                                    named));
  }
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  const auto installed = (program / "../share/stack/kafka").lexically_normal();
  for (const auto& folder : {installed, std::filesystem::path{STACK_KAFKA_JARS_DIR}})
    if (are_in(folder)) return std::filesystem::absolute(folder);
  return fail(ErrorKind::unreachable,
              fmt::format("no Apache Kafka jars in {} or {}; install the package stack-market-kafka, or run "
                          "scripts/build, which fetches them, or name a running broker with --bootstrap-servers",
                          installed.native(), STACK_KAFKA_JARS_DIR));
}

std::vector<std::string> broker_command(const std::filesystem::path& java, const std::filesystem::path& jars,
                                        const BrokerFolder& folder) {
  std::vector<std::string> command{java.native()};
  command.insert(command.end(), java_options.begin(), java_options.end());
  command.push_back(fmt::format("-XX:ErrorFile={}/hs_err_%p.log", folder.root.native()));
  command.push_back(fmt::format("-Dlog4j2.configurationFile={}", folder.logging().native()));
  command.insert(command.end(), {"-cp", class_path(jars), "kafka.Kafka", folder.properties().native()});
  return command;
}

std::vector<std::string> format_command(const std::filesystem::path& java, const std::filesystem::path& jars,
                                        const std::filesystem::path& properties, std::string_view cluster_id) {
  return {java.native(),      "-Xmx128m", "-XX:+UseSerialGC",      "-XX:TieredStopAtLevel=1",
          "-XX:-UsePerfData", "-cp",      class_path(jars),        "kafka.tools.StorageTool",
          "format",           "-t",       std::string(cluster_id), "-c",
          properties.native()};
}

std::vector<std::string> fencing_command(const std::filesystem::path& java, const std::filesystem::path& jars,
                                         const BrokerFolder& folder) {
  return {java.native(),
          "-Xmx128m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:-UsePerfData",
          fmt::format("-Dlog4j2.configurationFile={}", folder.fencing_logging().native()),
          "-cp",
          class_path(jars),
          "kafka.Kafka",
          folder.fencing_properties().native()};
}

std::vector<std::string> java_environment() {
  std::vector<std::string> environment{"MALLOC_ARENA_MAX=2"};  // glibc's arena per thread is 64 MB each
  for (const char* name :
       {"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "JAVA_HOME", "JAVA_TOOL_OPTIONS", "LD_LIBRARY_PATH"}) {
    if (const auto value = environment_value(name); !value.empty()) {
      environment.push_back(fmt::format("{}={}", name, value));
    }
  }
  return environment;
}

}  // namespace stack::kafka
