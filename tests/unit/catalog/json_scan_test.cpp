#include "catalog/json_scan.hpp"

#include <gtest/gtest.h>

#include <string>

namespace stack::catalog::json_scan {
namespace {

// Where the closing quote of CONTENT is found, or -1; with and without text behind it, since eight bytes are read at
// once.
std::ptrdiff_t quote_of(const std::string& content) {
  const std::string alone = content + '"';
  const std::string followed = alone + R"(,"next":"value")";
  const char* const in_alone = closing_quote(alone.data(), alone.data() + alone.size());
  const char* const in_followed = closing_quote(followed.data(), followed.data() + followed.size());
  const std::ptrdiff_t at = in_alone == nullptr ? -1 : in_alone - alone.data();
  EXPECT_EQ(at, in_followed == nullptr ? -1 : in_followed - followed.data()) << content;
  return at;
}

TEST(JsonScan, FindsTheClosingQuoteWhereverItIs) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string text(size, 'x');
    EXPECT_EQ(quote_of(text), static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(closing_quote(text.data(), text.data() + size), nullptr) << "of a string that does not end";
  }
}

TEST(JsonScan, KnowsWhatAStringMayHold) {
  for (std::size_t before = 0; before < 20; ++before) {
    const std::string text(before, '~');
    for (const char* held :
         {"\\\"", "\\\\", "\\/", "\\b\\f\\n\\r\\t", "\\u20aC", "\\u0000", "\x7f", "é", "€", "😀", "\xed\x9f\xbf"})
      EXPECT_EQ(quote_of(text + held + "tail"), static_cast<std::ptrdiff_t>(before + std::string_view(held).size() + 4))
          << held;
    for (const char* held :
         {"\n", "\t", "\x1f", "\\x", "\\u12", "\\u12g4", "\\ud800", "\\uDFFF", "\x80", "\xc1\xbf", "\xe0\x9f\xbf",
          "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xff"})
      EXPECT_EQ(quote_of(text + held), -1) << held;
  }
}

TEST(JsonScan, AnEscapedQuoteEndsNothing) {
  const std::string_view text = R"(x\"y\\")";
  EXPECT_EQ(closing_quote(text.data(), text.data() + text.size()), text.data() + text.size() - 1);
  EXPECT_EQ(closing_quote(text.data(), text.data() + 3), nullptr);
  EXPECT_EQ(closing_quote(text.data(), text.data() + 2), nullptr) << "a backslash at the end";
}

TEST(JsonScan, FindsTheEndOfDigits) {
  for (std::size_t size = 0; size < 30; ++size) {
    for (const char* behind : {"", ".", "/", ":", "e1,", "\xb0", "aaaaaaaa"}) {
      const std::string text = std::string(size, '7') + behind;
      EXPECT_EQ(skip_digits(text.data(), text.data() + text.size()), text.data() + size) << text;
    }
  }
}

TEST(JsonScan, TellsWholeNumbersFromOthers) {
  const auto scanned = [](std::string_view text) { return number(text.data(), text.data() + text.size()); };
  for (const std::string_view whole : {"0", "-0", "17", "999999999999999999"}) {
    EXPECT_TRUE(scanned(whole).whole) << whole;
    EXPECT_EQ(scanned(whole).end, whole.data() + whole.size()) << whole;
  }
  for (const std::string_view other : {"0.5", "-1.25", "1e5", "1E+05", "2.5e-99"}) {
    EXPECT_FALSE(scanned(other).whole) << other;
    EXPECT_EQ(scanned(other).end, other.data() + other.size()) << other;
  }
  for (const std::string_view none : {"", "-", "01", "1.", ".5", "1e", "1e+", "1e100", "1234567890123456789"})
    EXPECT_EQ(scanned(none).end, nullptr) << none;
}

TEST(JsonScan, ComparesWordsOfAnyLength) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string word(size, 'w');
    EXPECT_TRUE(same(word.data(), word));
    for (std::size_t i = 0; i < size; ++i) {
      std::string other = word;
      other[i] = 'v';
      EXPECT_FALSE(same(other.data(), word)) << size << ' ' << i;
    }
  }
}

}  // namespace
}  // namespace stack::catalog::json_scan
