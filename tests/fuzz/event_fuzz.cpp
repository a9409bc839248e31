// Any bytes as the value of a record: it is a row or a dead letter, both are one line, and what the fast parser takes
// the generic one takes as well, with the same fields.
#include <simdjson.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/time.hpp"
#include "fuzz_target.hpp"
#include "lake/claim.hpp"
#include "lake/dead_letter.hpp"
#include "lake/record.hpp"
#include "lake/tick_line.hpp"

namespace {

using namespace stack;
using namespace stack::lake;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

void check_fast_path(std::string_view value) {
  TickLine tick;
  if (!parse_tick_line(value, tick)) return;
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(value);
  simdjson::dom::object object;
  require(parser.parse(padded).get_object().get(object) == simdjson::SUCCESS, "a tick is a JSON object");
  std::string_view text;
  std::int64_t number = 0;
  require(object["symbol"].get(text) == simdjson::SUCCESS && text == tick.symbol, "the symbol is the same");
  require(object["session_date"].get(text) == simdjson::SUCCESS && text == tick.session_date, "the date is the same");
  require(object["event_time"].get(text) == simdjson::SUCCESS && parse_micros(text), "the time is a time");
  require(object["seq"].get(number) == simdjson::SUCCESS && number == tick.seq, "seq is the same");
  require(object["price"].is_double() && object["size"].is_int64(), "price and size are numbers");
}

void check_record(std::string_view value, bool partitioned) {
  RecordParser parser;
  const ParsedRecord record = parser.parse(value, 1'622'165'400'004, partitioned);
  if (record.dead_reason != nullptr) {
    std::string letter;
    append_dead_letter(letter, {"t", "topic", 0}, {1, 2, value, value, record.dead_reason});
    simdjson::dom::parser json;
    const simdjson::padded_string padded(letter);
    require(json.parse(padded).get_object().error() == simdjson::SUCCESS, "a dead letter is a JSON object");
    require(letter.find('\n') == letter.size() - 1, "a dead letter is one line");
    return;
  }
  require(record.line.find('\n') == std::string_view::npos, "a row is one line");
  require(parse_date(record.date).has_value(), "a row has a date");
  const std::string line(record.line);
  const ParsedRecord again = RecordParser().parse(line, 1'622'165'400'004, partitioned);
  require(again.dead_reason == nullptr, "a row stays a row");
}

constexpr std::array<std::string_view, 5> kSeeds{
    R"({"symbol":"HSI","session_date":"2021-05-28","event_time":"2021-05-28 01:30:00.004512","seq":17,"price":29113.2,"size":1200})",
    "{\n \"event_time\": \"2021-05-28T01:30:00+08:00\",\n \"a\": [1, {\"b\": null}]\n}",
    R"({"session_date":null,"Dt":"x","n":1e308,"u":18446744073709551615,"s":"\u00e4\\\""})",
    R"({"version":1,"first":0,"end":9,"log_start":0,"cluster_id":"c","topic_id":"t","format":"ndjson","compression":"none","partition_by":"month","rules":1,"feed":"","records":9,"dead_letters":0,"columns":[],"files":[{"dt":"2021-05","rows":9}]})",
    "[]"};

}  // namespace

std::span<const std::string_view> stack::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  check_fast_path(bytes);
  check_record(bytes, true);
  check_record(bytes, false);
  if (const auto claim = parse_claim(bytes, "fuzz")) {
    require(parse_claim(to_json(*claim), "fuzz").value() == *claim, "a claim is read as it was written");
  }
  return 0;
}
