// Writes Thrift's compact protocol, in which Parquet's page headers and footer are.
// (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md)
// Thread-safety: one thread at a time. Cannot fail.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stack::lake {

inline void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80U));
    value >>= 7U;
  }
  out.push_back(static_cast<char>(value));
}

inline std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
}

// Fields of a struct are given by rising number, at most 15 apart; end() closes the innermost struct, the outermost
// too.
class ThriftCompact {
 public:
  explicit ThriftCompact(std::string& out) : out_(out) {}

  void i32(int field, std::int64_t value) { number(field, 5, value); }
  void i64(int field, std::int64_t value) { number(field, 6, value); }
  void i16(int field, std::int64_t value) { number(field, 4, value); }
  void boolean(int field, bool value) { header(field, value ? 1 : 2); }
  void text(int field, std::string_view value) {
    header(field, 8);
    element(value);
  }
  void begin(int field) {
    header(field, 12);
    begin();
  }
  void begin() { latest_.push_back(0); }  // a struct that is a list's element
  void end() {
    out_.push_back('\0');
    latest_.pop_back();
  }
  void empty(int field) {
    begin(field);
    end();
  }
  enum class Element : std::uint8_t { i32 = 5, text = 8, structure = 12 };
  void list(int field, Element element, std::size_t size) {
    header(field, 9);
    const auto type = static_cast<std::uint8_t>(element);
    if (size < 15) {
      out_.push_back(static_cast<char>((size << 4U) | type));
    } else {
      out_.push_back(static_cast<char>(0xf0U | type));
      append_varint(out_, size);
    }
  }
  void element(std::int32_t value) { append_varint(out_, zigzag(value)); }
  void element(std::string_view value) {
    append_varint(out_, value.size());
    out_.append(value);
  }

 private:
  void header(int field, unsigned type) {
    out_.push_back(static_cast<char>((static_cast<unsigned>(field - latest_.back()) << 4U) | type));
    latest_.back() = field;
  }
  void number(int field, unsigned type, std::int64_t value) {
    header(field, type);
    append_varint(out_, zigzag(value));
  }

  std::string& out_;
  std::vector<int> latest_{0};  // field number, by depth
};

}  // namespace stack::lake
