// The short name of a feed: ten hex digits of a hash over the data selected, the options that shape the events, the
// seed and the generator's version. Two feeds of one id have the same bytes. Thread-safety: pure.
#pragma once

#include <string>
#include <string_view>

namespace stack::market {

// Raised with every change that alters a feed's bytes.
inline constexpr std::string_view kGeneratorVersion = "2";
// The same for how `sample` writes a row.
inline constexpr std::string_view kRowFormVersion = "2";

class FeedIdentity {
 public:
  // Adds one named fact; the order of the calls matters.
  void add(std::string_view name, std::string_view value);
  [[nodiscard]] std::string id() const;

 private:
  std::string facts_;
};

}  // namespace stack::market
