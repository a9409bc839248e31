#include "catalog/json_scan.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace stack::catalog::json_scan {
namespace {

// As the scans want it: with a newline and padding.
std::string line(std::string_view text) { return std::string(text) + '\n' + std::string(kPadding, '\0'); }

// Where the closing quote of CONTENT is found, or -1; with and without text behind it, since blocks are read at once.
std::ptrdiff_t quote_of(const std::string& content) {
  const std::string alone = line(content + '"');
  const std::string followed = line(content + R"(","next":"value")");
  const char* const in_alone = closing_quote(alone.data(), Utf8::unknown);
  const char* const in_followed = closing_quote(followed.data(), Utf8::unknown);
  const std::ptrdiff_t at = in_alone == nullptr ? -1 : in_alone - alone.data();
  EXPECT_EQ(at, in_followed == nullptr ? -1 : in_followed - followed.data()) << content;
  EXPECT_TRUE(at < 0 || closing_quote(alone.data(), Utf8::valid) == in_alone) << content;
  return at;
}

TEST(JsonScan, FindsTheClosingQuoteWhereverItIs) {
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string text(size, 'x');
    EXPECT_EQ(quote_of(text), static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(closing_quote(line(text).data(), Utf8::valid), nullptr) << "of a string that does not end";
  }
}

TEST(JsonScan, KnowsWhatAStringMayHold) {
  for (std::size_t before = 0; before < 40; ++before) {
    const std::string text(before, '~');
    for (const char* held : {"\\\"", "\\\\", "\\/", "\\b\\f\\n\\r\\t", "\\u20aC", "\\u0000", "\\ud83d\\ude00",
                             "\\uDBFF\\uDFFF", "\x7f", "é", "€", "😀", "\xed\x9f\xbf"})
      EXPECT_EQ(quote_of(text + held + "tail"), static_cast<std::ptrdiff_t>(before + std::string_view(held).size() + 4))
          << held;
    for (const char* held : {"\n",
                             "\t",
                             "\x1f",
                             "\\x",
                             "\\u12",
                             "\\u12g4",
                             "\\ud800",
                             "\\uDFFF",
                             "\\ud83d\\n",
                             "\\ud83d\\ud83d",
                             "\\ude00\\ud83d",
                             "\\ud83d\\u0041",
                             "\\ud83d\\ude0",
                             "\x80",
                             "\xc1\xbf",
                             "\xe0\x9f\xbf",
                             "\xed\xa0\x80",
                             "\xf0\x8f\xbf\xbf",
                             "\xf4\x90\x80\x80",
                             "\xf5\x80\x80\x80",
                             "\xe2\x82",
                             "\xff"})
      EXPECT_EQ(quote_of(text + held), -1) << held;
  }
}

TEST(JsonScan, AnEscapedQuoteEndsNothing) {
  const std::string text = line(R"(x\"y\\")");
  EXPECT_EQ(closing_quote(text.data(), Utf8::valid), text.data() + 6);
  EXPECT_EQ(closing_quote(line(R"(x\"y)").data(), Utf8::valid), nullptr);
  EXPECT_EQ(closing_quote(line("x\\").data(), Utf8::valid), nullptr) << "a backslash at the end";
}

TEST(JsonScan, TellsWholeNumbersFromOthers) {
  for (const std::string_view text : {"0", "-0", "17", "-170000", "999999999999999999", "-999999999999999999"}) {
    const std::string whole = line(text);
    EXPECT_TRUE(any_number(whole.data()).whole) << text;
    EXPECT_EQ(number(whole.data()), whole.data() + text.size()) << text;
    EXPECT_EQ(whole_number(whole.data()), whole.data() + text.size()) << text;
  }
  for (const std::string_view text : {"0.5", "-1.25", "1e5", "1E+05", "2.5e-99", "0.1234567890123456",
                                      "-12345678901.2345", "-0.000001", "123456789012345.6"}) {
    const std::string other = line(text);
    EXPECT_FALSE(any_number(other.data()).whole) << text;
    EXPECT_EQ(number(other.data()), other.data() + text.size()) << text;
    const char* const end = whole_number(other.data());
    EXPECT_TRUE(end == nullptr || *end == '.' || (*end | 0x20) == 'e') << text;
  }
  for (const std::string_view none : {"", "-", "--1", "01", "-01", "00", "1.", "-1.", ".5", "-.5", "1..5", "1e", "1e+",
                                      "1e100", "1234567890123456789"})
    EXPECT_EQ(number(line(none).data()), nullptr) << none;
}

// The quick ways to tell a number say what the plain one does, whatever is there.
RC_GTEST_PROP(JsonScanProperty, NumbersAreToldAsByThePlainScan, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::weightedElement<char>(
      {{20, '0'}, {40, '7'}, {5, '9'}, {4, '.'}, {2, '-'}, {1, 'e'}, {1, '+'}, {2, ','}}));
  const std::string padded = line(text);
  const Number plain = any_number(padded.data());
  RC_ASSERT(number(padded.data()) == plain.end);
  const char* const whole = whole_number(padded.data());
  const bool ends_early = whole == nullptr || *whole == '.' || *whole == 'e';
  const bool right = plain.end != nullptr && plain.whole ? whole == plain.end : ends_early;
  RC_ASSERT(right);
}

}  // namespace
}  // namespace stack::catalog::json_scan
