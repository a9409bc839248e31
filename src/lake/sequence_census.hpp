// Which (symbol, seq) pairs were seen, and how often one came again: a bitmap in pages for each symbol, so that
// a gapless sequence costs one bit an event.
// Thread-safety: one thread at a time. Never fails; a feed whose seq are strewn over 63 bits makes is_bounded() false,
// and from there on nothing is kept.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace stack::lake {

class SequenceSet {
 public:
  static constexpr std::int64_t kPageBits = 1 << 16;

  // Whether SEQ is new. Precondition: seq >= 0.
  bool add(std::int64_t seq) {
    const std::int64_t number = seq / kPageBits;
    if (number != latest_number_) {
      auto& page = pages_[number];
      if (!page) page = std::make_unique<Page>();
      latest_ = page.get();
      latest_number_ = number;
    }
    const auto bit = static_cast<std::size_t>(seq % kPageBits);
    std::uint64_t& word = (*latest_)[bit / 64];
    const std::uint64_t mask = 1ULL << (bit % 64);
    const bool is_new = (word & mask) == 0;
    word |= mask;
    size_ += is_new ? 1 : 0;
    if (seq > greatest_) greatest_ = seq;
    return is_new;
  }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::int64_t greatest() const { return greatest_; }  // -1: empty
  [[nodiscard]] std::size_t pages() const { return pages_.size(); }
  // How many of this set are not in OTHER, and the least of them.
  struct Difference {
    std::uint64_t count = 0;
    std::int64_t least = -1;
  };
  [[nodiscard]] Difference without(const SequenceSet& other) const;

 private:
  using Page = std::array<std::uint64_t, kPageBits / 64>;
  std::unordered_map<std::int64_t, std::unique_ptr<Page>> pages_;
  Page* latest_ = nullptr;
  std::int64_t latest_number_ = -1;
  std::uint64_t size_ = 0;
  std::int64_t greatest_ = -1;
};

class SequenceCensus {
 public:
  void add(std::string_view symbol, std::int64_t seq);
  void add_without_sequence() { ++without_sequence_; }

  [[nodiscard]] bool is_bounded() const { return bounded_; }
  [[nodiscard]] std::uint64_t duplicates() const { return duplicates_; }
  [[nodiscard]] std::uint64_t without_sequence() const { return without_sequence_; }  // records that are no ticks
  [[nodiscard]] const SequenceSet* find(std::string_view symbol) const;
  [[nodiscard]] std::size_t symbols() const { return by_symbol_.size(); }
  void for_each(const std::function<void(const std::string&, const SequenceSet&)>& see) const;

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  static constexpr std::size_t kMostSymbols = 1'000'000;
  static constexpr std::size_t kMostPages = 32'768;  // 256 MiB

  std::unordered_map<std::string, SequenceSet, TextHash, std::equal_to<>> by_symbol_;
  std::size_t pages_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t without_sequence_ = 0;
  bool bounded_ = true;
};

}  // namespace stack::lake
