// A dead letter: a record that is no row, kept with its bytes, position and reason, as one JSON object a line:
// {"topic":"t","partition":0,"offset":17,"timestamp":1622165400004,"key":"HSI","reason":"not a JSON object",
// "value":"[]"}. A key or value that is not UTF-8 stands as key_base64 or value_base64; a null one is null.
// Thread-safety: values and free functions. Never fails.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lake/lake_layout.hpp"

namespace stack::lake {

struct DeadLetter {
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 0;  // Kafka's, -1 if there is none
  std::string_view key;           // without data(): null
  std::string_view value;         // without data(): null
  std::string_view reason;
};

// Appends the line, its line break included.
void append_dead_letter(std::string& out, const Lane& lane, const DeadLetter& letter);

[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace stack::lake
