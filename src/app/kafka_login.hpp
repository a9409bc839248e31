// The librdkafka properties that --kafka-auth and the options around it stand for. Any property that the user names
// himself wins over them.
// Thread-safety: reads the settings and the files that they name. Failure: ErrorKind::usage, naming the option that is
// missing or contradicts another; no secret appears.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/settings.hpp"
#include "core/result.hpp"
#include "kafka/properties.hpp"

namespace stack::app {

struct KafkaLogin {
  kafka::Properties properties;  // the user's own at the end
  std::vector<std::string> warnings;
};

// SERVERS: --bootstrap-servers; empty for the local broker, which knows no logins.
[[nodiscard]] Result<KafkaLogin> kafka_login(const Settings& settings, std::string_view servers);

}  // namespace stack::app
