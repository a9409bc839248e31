#include "lake/sequence_census.hpp"

#include <bit>

namespace stack::lake {

SequenceSet::Difference SequenceSet::without(const SequenceSet& other) const {
  Difference difference;
  for (const auto& [number, page] : pages_) {
    const auto found = other.pages_.find(number);
    for (std::size_t i = 0; i < page->size(); ++i) {
      const std::uint64_t missing = (*page)[i] & ~(found == other.pages_.end() ? 0 : (*found->second)[i]);
      if (missing == 0) continue;
      difference.count += static_cast<std::uint64_t>(std::popcount(missing));
      const std::int64_t first = number * kPageBits + static_cast<std::int64_t>(i) * 64 + std::countr_zero(missing);
      if (difference.least < 0 || first < difference.least) difference.least = first;
    }
  }
  return difference;
}

void SequenceCensus::add(std::string_view symbol, std::int64_t seq) {
  if (!bounded_) return;
  auto at = by_symbol_.find(symbol);
  if (at == by_symbol_.end()) at = by_symbol_.try_emplace(std::string(symbol)).first;
  SequenceSet& set = at->second;
  const std::size_t pages = set.pages();
  if (!set.add(seq)) ++duplicates_;
  pages_ += set.pages() - pages;
  if (pages_ > kMostPages || by_symbol_.size() > kMostSymbols) {
    bounded_ = false;
    by_symbol_.clear();
  }
}

const SequenceSet* SequenceCensus::find(std::string_view symbol) const {
  const auto found = by_symbol_.find(symbol);
  return found == by_symbol_.end() ? nullptr : &found->second;
}

void SequenceCensus::for_each(const std::function<void(const std::string&, const SequenceSet&)>& see) const {
  for (const auto& [symbol, set] : by_symbol_) see(symbol, set);
}

}  // namespace stack::lake
