#include "lake/record.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "lake/dead_letter.hpp"
#include "lake/tick_line.hpp"

namespace stack::lake {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::int64_t kTimestamp = 1'622'165'400'004;  // 2021-05-28 01:30:00 UTC
const std::string kTick =
    R"({"symbol":"HSI","session_date":"2021-05-28","event_time":"2021-05-28 01:30:00.004512","seq":17,"price":29113.2,"size":1200})";
const std::string kQuotedTick = kTick.substr(0, kTick.size() - 1) + R"(,"bid":29113.1,"ask":29113.2})";

struct Parsed {
  std::string dead_reason, line, date, symbol;
  bool canonical = false, has_sequence = false;
  std::int64_t seq = 0;
};

Parsed parse(std::string_view value, std::int64_t timestamp = kTimestamp, bool partitioned = true) {
  RecordParser parser;
  const ParsedRecord record = parser.parse(value, timestamp, partitioned);
  return {record.dead_reason != nullptr ? record.dead_reason : "",
          std::string(record.line),
          std::string(record.date),
          std::string(record.symbol),
          record.is_canonical_tick,
          record.has_sequence,
          record.seq};
}

TEST(Records, ADateThatWouldLeaveTheLakeIsNone) {
  for (const char* date : {"../../x", "2021-05-28/../x", "2021/05/28", "..-..-....", "2021-05-2\\u002f", ""}) {
    const std::string value = fmt::format(R"({{"session_date":"{}"}})", date);
    EXPECT_EQ(parse(value).dead_reason, "session_date is not a date") << value;
  }
  EXPECT_EQ(parse(R"({"event_time":"../../../etc/passwd"})").dead_reason, "event_time is not a time");
  EXPECT_EQ(parse(R"({"session_date":20210528})").dead_reason, "session_date is not a date");
}

TEST(TickLine, TakesTheCanonicalTick) {
  TickLine tick;
  ASSERT_TRUE(parse_tick_line(kTick, tick));
  EXPECT_EQ(tick.symbol, "HSI");
  EXPECT_EQ(tick.session_date, "2021-05-28");
  EXPECT_EQ(tick.seq, 17);
}

TEST(TickLine, LeavesEverythingElseToTheGenericParser) {
  const auto refused = [](std::string_view from, std::string_view to) {
    std::string line = kTick;
    line.replace(line.find(from), from.size(), to);
    TickLine tick;
    return !parse_tick_line(line, tick);
  };
  EXPECT_TRUE(refused("HSI", ""));
  EXPECT_TRUE(refused("HSI", "H\\u0041"));
  EXPECT_TRUE(refused("HSI", "H\xc3\xa4"));
  EXPECT_TRUE(refused("\"2021-05-28\"", "\"2021-02-29\""));
  EXPECT_TRUE(refused("\"2021-05-28\"", "\"0000-05-28\""));
  EXPECT_TRUE(refused("01:30:00", "24:30:00"));
  EXPECT_TRUE(refused(":17,", ":017,"));
  EXPECT_TRUE(refused(":17,", ":-17,"));
  EXPECT_TRUE(refused(":17,", ":1234567890123456789,"));
  EXPECT_TRUE(refused("29113.2", "29113"));
  EXPECT_TRUE(refused("29113.2", "29113."));
  EXPECT_TRUE(refused("29113.2", "029113.2"));
  EXPECT_TRUE(refused("29113.2", "2.9e4"));
  EXPECT_TRUE(refused("1200}", "1200} "));
  EXPECT_TRUE(refused("1200}", "1200"));
  EXPECT_TRUE(refused("\"seq\"", "\"sec\""));
  EXPECT_FALSE(refused("29113.2", "-0.5"));
  EXPECT_FALSE(refused("1200", "0"));
}

TEST(TickLine, TakesATickWithAQuote) {
  TickLine tick;
  ASSERT_TRUE(parse_tick_line(kTick, tick));
  EXPECT_FALSE(tick.has_quote());
  ASSERT_TRUE(parse_tick_line(kQuotedTick, tick));
  EXPECT_TRUE(tick.has_quote());
  EXPECT_EQ(tick.size, 1200);
  EXPECT_EQ(tick.bid, "29113.1");
  EXPECT_EQ(tick.ask, "29113.2");
  for (const char* end : {R"(,"bid":29113.1})", R"(,"ask":29113.2,"bid":29113.1})", R"(,"bid":29113.1,"ask":29113.2)",
                          R"(,"bid":29113.1,"ask":null})", R"(,"bid":29113,"ask":29114})",
                          R"(,"bid":29113.1,"ask":29113.2}})", R"(,"bid":29113.1,"ask":29113.2,"x":1})"}) {
    EXPECT_FALSE(parse_tick_line(kTick.substr(0, kTick.size() - 1) + end, tick)) << end;
  }
}

// One byte of the canonical tick changed, removed or added: where the fast path takes the line, simdjson does too, and
// both see the same fields.
RC_GTEST_PROP(TickLine, AgreesWithTheGenericParserOnMutations, ()) {
  std::string line = *rc::gen::element(kTick, kQuotedTick);
  const int mutations = *rc::gen::inRange(1, 4);
  for (int i = 0; i < mutations; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, line.size());
    const auto byte =
        *rc::gen::oneOf(rc::gen::arbitrary<char>(), rc::gen::elementOf(std::string("0123456789.,:\"{}-\\ ")));
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        line[at] = byte;
        break;
      case 1:
        line.erase(at, 1);
        break;
      default:
        line.insert(at, 1, byte);
    }
  }
  TickLine tick;
  if (!parse_tick_line(line, tick)) return;
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(line);
  simdjson::dom::object object;
  RC_ASSERT(parser.parse(padded).get_object().get(object) == simdjson::SUCCESS);
  RC_ASSERT(object["symbol"].get_string().value() == tick.symbol);
  RC_ASSERT(object["session_date"].get_string().value() == tick.session_date);
  RC_ASSERT(object["seq"].get_int64().value() == tick.seq);
  RC_ASSERT(object["price"].is_double());
  RC_ASSERT(object["size"].is_int64());
  RC_ASSERT(parse_date(tick.session_date).has_value());
  RC_ASSERT(parse_micros(object["event_time"].get_string().value()).has_value());
  RC_ASSERT(line.find('\n') == std::string::npos);
}

// The two paths give the same record: the same tick with its fields in another order goes the generic way.
RC_GTEST_PROP(Record, BothPathsAgreeOnTicks, (int days, std::uint32_t seq, std::int32_t cents, std::uint64_t size)) {
  const auto date = format_date(Date{std::chrono::days{days % 20'000}});
  const auto seq_text = std::to_string(seq);
  const auto price = fmt::format("{:.2f}", static_cast<double>(cents) / 100.0);
  const auto size_text = std::to_string(size % 1'000'000'000'000'000'000U);
  const auto canonical = fmt::format(
      R"({{"symbol":"A","session_date":"{0}","event_time":"{0} 01:30:00.000001","seq":{1},"price":{2},"size":{3}}})",
      date, seq_text, price, size_text);
  const auto shuffled = fmt::format(
      R"({{"seq":{1},"symbol":"A","session_date":"{0}","event_time":"{0} 01:30:00.000001","price":{2},"size":{3}}})",
      date, seq_text, price, size_text);
  const Parsed a = parse(canonical);
  const Parsed b = parse(shuffled);
  RC_ASSERT(a.canonical);
  RC_ASSERT(!b.canonical);
  RC_ASSERT(a.dead_reason.empty() && b.dead_reason.empty());
  RC_ASSERT(a.date == b.date && a.symbol == b.symbol && a.seq == b.seq);
  RC_ASSERT(a.has_sequence && b.has_sequence);
}

TEST(Record, BytesPassThroughUnchanged) {
  EXPECT_EQ(parse(kTick).line, kTick);
  const std::string odd = R"( {"a" : 1.0e0 ,"b":"\u00e4" } )";
  EXPECT_EQ(parse(odd).line, odd);
}

TEST(Record, IsWrittenOntoOneLine) {
  EXPECT_EQ(parse("{\n \"a\": \"x \\n y\",\r\n \"b\": [1, 2]\n}\n").line, R"({"a":"x \n y","b":[1,2]})");
}

TEST(Record, TheDateIsTheSessionsThenTheEventsThenKafkas) {
  EXPECT_EQ(parse(R"({"session_date":"1999-12-31","event_time":"2021-05-28 01:30:00"})").date, "1999-12-31");
  EXPECT_EQ(parse(R"({"event_time":"2021-05-27T23:59:59.999999Z"})").date, "2021-05-27");
  EXPECT_EQ(parse(R"({"event_time":"2021-05-28T01:30:00+08:00"})").date, "2021-05-27");
  EXPECT_EQ(parse(R"({"session_date":null,"event_time":1622165400})").date, "2021-05-28");
  EXPECT_EQ(parse("{}").date, "2021-05-28");
}

TEST(Record, DeadLettersHaveAReason) {
  EXPECT_EQ(parse({}).dead_reason, "null value");
  EXPECT_EQ(parse("").dead_reason, "empty value");
  EXPECT_EQ(parse("[]").dead_reason, "not a JSON object");
  EXPECT_EQ(parse("1").dead_reason, "not a JSON object");
  EXPECT_EQ(parse(R"({"session_date":"2021-02-30"})").dead_reason, "session_date is not a date");
  EXPECT_EQ(parse(R"({"session_date":20210230})").dead_reason, "session_date is not a date");
  EXPECT_EQ(parse(R"({"event_time":"yesterday"})").dead_reason, "event_time is not a time");
  EXPECT_THAT(parse("{}", -1).dead_reason, StartsWith("no date"));
  EXPECT_THAT(parse("{}", INT64_MAX).dead_reason, StartsWith("no date"));
  EXPECT_THAT(parse("{\"a\":\"\xff\"}").dead_reason, HasSubstr("UTF"));
  for (const char* broken : {"{", "{\"a\":}", "{\"a\":1}}", "{\"a\":1}{\"a\":2}", "\xef\xbb\xbf{}", "{'a':1}",
                             "{\"a\":NaN}", "{\"a\":01}", "{\"a\":\"\n\"}"}) {
    EXPECT_NE(parse(broken).dead_reason, "") << broken;
  }
}

TEST(Record, AFieldCalledDtWouldRepeatThePartitionKey) {
  EXPECT_THAT(parse(R"({"a":1,"Dt":"x"})").dead_reason, HasSubstr("partition key"));
  EXPECT_EQ(parse(R"({"a":1,"dt":"x"})", kTimestamp, false).dead_reason, "");
  EXPECT_EQ(parse(R"({"a":{"dt":"x"}})").dead_reason, "");
}

TEST(Record, NamesThatNoTableCanHoldAreDeadLetters) {
  EXPECT_EQ(parse(R"({"a":1,"a":2})").dead_reason, "two fields of one name");
  EXPECT_EQ(parse(R"({"Volume":1,"x":0,"volume":2})").dead_reason, "two fields of one name");
  EXPECT_EQ(parse(R"({"":1})").dead_reason, "a field without a name");
  EXPECT_EQ(parse(R"({"a\u0000b":1})").dead_reason, "a control character in a field's name");
  EXPECT_EQ(parse(R"({"a":{"x":1,"x":2,"":3}})").dead_reason, "");
}

RC_GTEST_PROP(Record, NoBytesBreakTheLine, (const std::string& bytes)) {
  const Parsed record = parse(bytes);
  if (record.dead_reason.empty()) {
    RC_ASSERT(record.line.find('\n') == std::string::npos);
    RC_ASSERT(record.date.size() == 10U);
  }
}

TEST(DeadLetters, KeepBytesPositionAndReason) {
  std::string out;
  append_dead_letter(out, {"t", "topic", 3}, {17, -1, "k\"", "[1,\n2]", "not a JSON object"});
  EXPECT_EQ(out,
            R"({"topic":"topic","partition":3,"offset":17,"timestamp":-1,"key":"k\"","reason":"not a JSON object",)"
            R"("value":"[1,\n2]"})"
            "\n");
  out.clear();
  append_dead_letter(out, {"t", "topic", 3}, {18, 5, {}, "\xff\x01", "x"});
  EXPECT_THAT(out, HasSubstr(R"("key":null)"));
  EXPECT_THAT(out, HasSubstr(R"("value_base64":"/wE=")"));
}

TEST(DeadLetters, Base64IsTheStandards) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

}  // namespace
}  // namespace stack::lake
