#include "catalog/byte_block.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace stack::catalog {
namespace {

template <class Answer>
std::uint32_t by_byte(const std::string& bytes, Answer answer) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) bits |= static_cast<std::uint32_t>(answer(i)) << i;
  return bits;
}

template <class Block>
void expect_right(const std::string& bytes, const std::string& others) {
  const Block block(bytes.data());
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  for (const char c : {'"', '\\', '\0', '\xff', bytes[3]})
    RC_ASSERT(block.equal(c) == by_byte(bytes, [&](std::size_t i) { return bytes[i] == c; }));
  RC_ASSERT(block.equal(Block(others.data())) == by_byte(bytes, [&](std::size_t i) { return bytes[i] == others[i]; }));
  RC_ASSERT(block.controls() == by_byte(bytes, [&](std::size_t i) { return byte(i) < 0x20; }));
  RC_ASSERT(block.digits() == by_byte(bytes, [&](std::size_t i) { return byte(i) >= '0' && byte(i) <= '9'; }));
  RC_ASSERT(block.beyond_ascii() == by_byte(bytes, [&](std::size_t i) { return byte(i) >= 0x80; }));
}

// Bytes of all sorts, those at the limits more often.
std::string any_bytes() {
  return *rc::gen::container<std::string>(
      ByteBlock::kBytes,
      rc::gen::oneOf(rc::gen::arbitrary<char>(), rc::gen::element('\0', '\x01', '\x1f', ' ', '!', '"', '#', '/', '0',
                                                                  '9', ':', '[', '\\', ']', '\x7f', '\x80', '\xff')));
}

RC_GTEST_PROP(ByteBlockProperty, AnswersForEachByte, ()) {
  const std::string bytes = any_bytes();
  std::string others = any_bytes();
  for (std::size_t i = 0; i < others.size(); i += 3) others[i] = bytes[i];
  expect_right<ByteBlock>(bytes, others);
  expect_right<WordBlock>(bytes, others);
}

}  // namespace
}  // namespace stack::catalog
