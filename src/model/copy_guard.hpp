// Tells whether the last 20 sessions of a simulated path look like 20 of its history, in returns standardised by the
// volatility known before the day (realism/memorising.hpp).
//
// Two ways lead there, and only these are looked at: a block of residuals that goes on for long, so that the history it
// comes from is replayed beside it; and a day so large that it outweighs the other 19, beside a day as large.
// Thread-safety: one thread. Never fails.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace stack::model {

inline constexpr std::size_t kCopyWindow = 20;  // sessions

// One symbol's history on its own sessions.
struct CopyHistory {
  std::vector<double> standardised;      // NaN where the volatility is not known yet
  std::vector<std::int32_t> session_of;  // of each date of the panel; -1: none
  std::vector<std::int32_t> large;       // sessions whose return is beyond kLargeReturn
  double last_variance = 0.0;            // exponentially weighted, after the last session
};

[[nodiscard]] CopyHistory make_copy_history(std::span<const double> returns);  // a row a date, NaN where there is none

class CopyGuard {
 public:
  explicit CopyGuard(const std::vector<CopyHistory>& history);

  // The highest correlation that a window ending in this session would have, were RETURNS (one a symbol) its returns
  // and DATE where its residuals come from; CONTINUES says that DATE follows the last session's.
  [[nodiscard]] double closest(std::span<const double> returns, std::uint32_t date, bool continues) const;
  void add(std::span<const double> returns, std::uint32_t date, bool continues);

 private:
  static constexpr std::size_t kBlocks = 4;
  static constexpr std::uint32_t kLongBlock = 4;  // sessions from which a block is watched

  struct Path {  // one symbol's
    double variance = 0.0;
    std::array<double, kCopyWindow> last{};  // a ring
    std::int32_t large_age = -1;             // sessions since the last large return; -1: none in the window
  };
  struct Block {
    std::uint32_t last_date = 0;
    std::uint64_t last_session = 0;
    std::uint32_t length = 0;
  };

  [[nodiscard]] double window_correlation(std::size_t symbol, double standardised, std::int32_t history_end) const;

  const std::vector<CopyHistory>& history_;
  std::vector<Path> paths_;
  std::array<Block, kBlocks> blocks_{};
  std::size_t block_ = 0;
  std::uint64_t session_ = 0;
};

}  // namespace stack::model
