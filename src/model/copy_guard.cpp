#include "model/copy_guard.hpp"

#include <algorithm>
#include <cmath>

#include "realism/memorising.hpp"

namespace stack::model {
namespace {

constexpr double kDecay = 0.94;       // of the volatility, as realism::standardised_returns has it
constexpr double kLargeReturn = 4.5;  // deviations: its square is more than those of the 19 others together

}  // namespace

CopyHistory make_copy_history(std::span<const double> returns) {
  CopyHistory history;
  std::vector<double> own;
  for (const double r : returns) {
    history.session_of.push_back(std::isnan(r) ? -1 : static_cast<std::int32_t>(own.size()));
    if (!std::isnan(r)) own.push_back(r);
  }
  history.standardised = realism::standardised_returns(own);
  for (std::size_t i = 0; i < own.size(); ++i)
    if (std::abs(history.standardised[i]) > kLargeReturn) history.large.push_back(static_cast<std::int32_t>(i));
  const std::size_t first = own.size() - std::min<std::size_t>(own.size(), 250);
  for (std::size_t i = first; i < own.size(); ++i)
    history.last_variance =
        i == first ? own[i] * own[i] : kDecay * history.last_variance + (1.0 - kDecay) * own[i] * own[i];
  return history;
}

CopyGuard::CopyGuard(const std::vector<CopyHistory>& history) : history_(history), paths_(history.size()) {
  for (std::size_t k = 0; k < history.size(); ++k) paths_[k].variance = history[k].last_variance;
}

double CopyGuard::window_correlation(std::size_t symbol, double standardised, std::int32_t history_end) const {
  constexpr auto kWindow = static_cast<std::int32_t>(kCopyWindow);
  const auto& past = history_[symbol].standardised;
  if (history_end < kWindow - 1 || history_end >= static_cast<std::int32_t>(past.size())) return 0.0;
  const double* from = &past[static_cast<std::size_t>(history_end) + 1 - kCopyWindow];
  double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < kCopyWindow; ++i) {
    // The ring's oldest is at session_ % kCopyWindow and falls out: today's return comes last.
    const double a = i + 1 < kCopyWindow ? paths_[symbol].last[(session_ + 1 + i) % kCopyWindow] : standardised;
    const double b = from[i];
    x += a, y += b, xx += a * a, yy += b * b, xy += a * b;
  }
  constexpr double kBy = 1.0 / kCopyWindow;
  const double variances = (xx - x * x * kBy) * (yy - y * y * kBy);
  return variances > 0.0 ? (xy - x * y * kBy) / std::sqrt(variances) : 0.0;  // NaN in the history: 0
}

double CopyGuard::closest(std::span<const double> returns, std::uint32_t date, bool continues) const {
  double highest = 0.0;
  if (session_ + 1 < kCopyWindow) return highest;
  for (std::size_t k = 0; k < paths_.size(); ++k) {
    const Path& path = paths_[k];
    const double standardised = returns[k] / std::sqrt(path.variance);
    const auto look = [&](std::int32_t history_end) {
      highest = std::max(highest, window_correlation(k, standardised, history_end));
    };
    for (std::size_t b = 0; b < kBlocks; ++b) {
      const Block& block = blocks_[b];
      const bool current = b == block_ && continues;
      if (block.length + (current ? 1 : 0) < kLongBlock) continue;
      const std::uint32_t at = current ? date : block.last_date;
      const std::int32_t session = history_[k].session_of[at];
      const std::uint64_t since = current ? 0 : session_ - block.last_session;
      if (session >= 0 && since < kCopyWindow) look(session + static_cast<std::int32_t>(since));
    }
    const bool large = std::abs(standardised) > kLargeReturn;
    if (!large && path.large_age < 0) continue;
    const std::int32_t age = large ? 0 : path.large_age + 1;
    if (age < static_cast<std::int32_t>(kCopyWindow))
      for (const std::int32_t other : history_[k].large) look(other + age);
  }
  return highest;
}

void CopyGuard::add(std::span<const double> returns, std::uint32_t date, bool continues) {
  for (std::size_t k = 0; k < paths_.size(); ++k) {
    Path& path = paths_[k];
    const double standardised = returns[k] / std::sqrt(path.variance);
    path.last[session_ % kCopyWindow] = standardised;
    if (std::abs(standardised) > kLargeReturn)
      path.large_age = 0;
    else if (path.large_age >= 0)
      path.large_age = path.large_age + 1 < static_cast<std::int32_t>(kCopyWindow) ? path.large_age + 1 : -1;
    path.variance = kDecay * path.variance + (1.0 - kDecay) * returns[k] * returns[k];
  }
  if (!continues) {
    block_ = (block_ + 1) % kBlocks;
    blocks_[block_].length = 0;
  }
  Block& block = blocks_[block_];
  block.last_date = date;
  block.last_session = session_;
  ++block.length;
  ++session_;
}

}  // namespace stack::model
