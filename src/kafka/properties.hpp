// librdkafka's configuration properties as users give them: checked by name and value before any client is made, and
// printed without secrets.
// Thread-safety: free functions over plain values.
// Failure: ErrorKind::usage for a property that is unknown or would break a promise of ours, naming who said it.
#pragma once

#include <librdkafka/rdkafka.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace stack::kafka {

using Properties = std::vector<std::pair<std::string, std::string>>;  // of two of one name the later one counts

// Whether librdkafka knows NAME; the error names the nearest one that it does. ORIGIN: "--kafka-property",
// "stack.toml:5".
[[nodiscard]] Result<void> check_property_name(std::string_view name, std::string_view origin);

// And takes VALUE for it. Refuses what would break exactly-once: isolation level, acknowledgements, idempotence, offset
// handling, transactional and group ids are this program's affair.
[[nodiscard]] Result<void> check_property(const std::string& name, const std::string& value, std::string_view origin);

// "NAME=VALUE" texts, each checked. An error does not show what is none: it may be a part of a secret.
[[nodiscard]] Result<Properties> parse_properties(std::span<const std::string> texts,
                                                  std::string_view origin = "--kafka-property");

// NAME's value in CONF, which may be a default; empty: none.
[[nodiscard]] std::string property_of(const rd_kafka_conf_t& conf, const char* name);

// VALUE as it may be shown: that of a property which holds a secret is not.
[[nodiscard]] std::string redacted(std::string_view name, std::string_view value);

// The secrets among the values that CONF has, to be kept out of texts which others wrote. Values of fewer than four
// characters are left out: they would be found in innocent words.
[[nodiscard]] std::vector<std::string> secrets_of(const rd_kafka_conf_t& conf);
[[nodiscard]] std::string without_secrets(std::string text, std::span<const std::string> secrets);

// Names of all properties that librdkafka knows, aliases and callbacks included.
[[nodiscard]] const std::vector<std::string>& property_names();

}  // namespace stack::kafka
