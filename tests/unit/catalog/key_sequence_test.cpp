#include "catalog/key_sequence.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "catalog/json_scan.hpp"

namespace stack::catalog {
namespace {

// The number of the key that is all of TEXT, where PLACE is.
std::size_t taken(KeySequence& keys, const std::string& text, std::size_t place) {
  const std::string padded = text + ":1\n" + std::string(json_scan::kPadding, '\0');
  const auto [end, number] = keys.take(padded.data(), place);
  EXPECT_EQ(end, number == KeySequence::kNone ? nullptr : padded.data() + text.size()) << text;
  return number;
}

std::size_t alone(KeySequence& keys, const std::string& text) { return taken(keys, text, 0); }

TEST(KeySequence, KnowsNoneAtFirst) {
  KeySequence keys;
  EXPECT_EQ(alone(keys, "\"a\""), KeySequence::kNone);
}

TEST(KeySequence, NumbersKeysAsTheyCome) {
  KeySequence keys;
  EXPECT_EQ(keys.add("b"), 0U);
  EXPECT_EQ(keys.add("a"), 1U);
  EXPECT_EQ(keys.add("b"), 0U);
  EXPECT_EQ(alone(keys, "\"a\""), 1U);
  EXPECT_EQ(alone(keys, "\"b\""), 0U);
  for (const char* other : {"\"c\"", "\"\"", "\"aa\"", "\"A\"", "a", "\"a", "\"a\\\"", "", "1"})
    EXPECT_EQ(alone(keys, other), KeySequence::kNone) << other;
}

TEST(KeySequence, TakesNoKeyThatNeedsEscapes) {
  KeySequence keys;
  for (const std::string_view name : {"a\"b", "a\\b", "a\nb", "\x1f"})
    EXPECT_EQ(keys.add(name), KeySequence::kNone) << name;
  EXPECT_EQ(keys.add("été €"), 0U);
  EXPECT_EQ(alone(keys, "\"été €\""), 0U);
}

// Names of any length, also such as differ in one byte only, wherever that is; more of them than share a slot.
TEST(KeySequence, TellsNamesApart) {
  KeySequence keys;
  std::vector<std::string> names{""};
  for (std::size_t size = 1; size < 70; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      names.emplace_back(size, 'x');
      names.back()[place] = 'y';
    }
  }
  for (int i = 0; i < 50; ++i) names.push_back(fmt::format("the beginning {:04} and the end", i));
  for (std::size_t i = 0; i < names.size(); ++i) ASSERT_EQ(keys.add(names[i]), i);
  std::vector<std::size_t> order(names.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::mt19937_64 random(7);
  for (int round = 0; round < 3; ++round) {  // in the order of their numbers and in any other
    std::size_t place = 0;
    for (const std::size_t i : order) {
      ASSERT_EQ(taken(keys, '"' + names[i] + '"', place), i) << names[i];
      place = i + 1;
    }
    std::ranges::shuffle(order, random);
  }
  for (std::size_t size = 1; size < 70; ++size)
    EXPECT_EQ(alone(keys, '"' + std::string(size, 'x') + '"'), KeySequence::kNone) << size;
  EXPECT_EQ(alone(keys, "\"the beginning 0050 and the end\""), KeySequence::kNone);
}

}  // namespace
}  // namespace stack::catalog
