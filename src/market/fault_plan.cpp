#include "market/fault_plan.hpp"

#include <algorithm>

#include "market/hash128.hpp"

namespace stack::market {
namespace {

constexpr double kTwoTo53 = 9007199254740992.0;
constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;

}  // namespace

FaultPlan::FaultPlan(std::vector<Fault> faults, std::uint64_t seed, const std::vector<std::uint64_t>& hashes,
                     const std::vector<std::vector<Interval>>& intervals)
    : faults_(std::move(faults)), symbol_count_(hashes.size()), segments_(hashes.size()) {
  for (const Fault& fault : faults_) {
    const std::uint64_t fault_key = mix64(mix64(seed + kGolden) + kGolden * (fault.number + 1));
    for (const std::uint64_t hash : hashes) keys_.push_back(mix64(fault_key ^ hash));
    thresholds_.push_back(static_cast<std::uint64_t>(fault.share * kTwoTo53));
    longest_delay_ += fault.delay;
  }
  for (std::size_t symbol = 0; symbol < symbol_count_; ++symbol) {
    cut(intervals[symbol], symbol);
    count(symbol);
  }
}

// Cuts a symbol's events where the set of faults that they meet changes.
void FaultPlan::cut(std::vector<Interval> intervals, std::size_t symbol) {
  std::vector<std::uint64_t> edges;
  for (const Interval& interval : intervals) {
    edges.push_back(interval.first_seq);
    edges.push_back(interval.end_seq);
  }
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  std::sort(intervals.begin(), intervals.end(),
            [](const Interval& a, const Interval& b) { return a.first_seq < b.first_seq; });
  std::vector<Interval> active;
  std::size_t next = 0;
  for (std::size_t e = 0; e + 1 < edges.size(); ++e) {
    std::erase_if(active, [&](const Interval& interval) { return interval.end_seq <= edges[e]; });
    for (; next < intervals.size() && intervals[next].first_seq <= edges[e]; ++next)
      if (intervals[next].end_seq > edges[e]) active.push_back(intervals[next]);
    if (active.empty()) continue;
    std::stable_sort(active.begin(), active.end(),
                     [](const Interval& a, const Interval& b) { return a.fault < b.fault; });
    const auto first = static_cast<std::uint32_t>(meetings_.size());
    for (const Interval& interval : active) meetings_.push_back({interval.fault, interval.release});
    segments_[symbol].push_back({edges[e], edges[e + 1], first, static_cast<std::uint32_t>(meetings_.size())});
  }
}

void FaultPlan::count(std::size_t symbol) {
  EventFate fate;
  for (const Segment& segment : segments_[symbol]) {
    for (std::uint64_t seq = segment.first_seq; seq < segment.end_seq; ++seq) {
      decide(segment, symbol, seq, 0, fate);
      counts_.late += fate.late ? 1 : 0;
      counts_.held += fate.held ? 1 : 0;
      counts_.malformed += fate.malformed != nullptr ? 1 : 0;
      counts_.duplicated += fate.copies.size();
    }
  }
}

std::uint64_t FaultPlan::bits_of(std::uint32_t fault, std::size_t symbol, std::uint64_t seq) const {
  return mix64(keys_[fault * symbol_count_ + symbol] + kGolden * seq);
}

void FaultPlan::mark(FeedBatch& batch) const {
  batch.touched.clear();
  std::vector<std::size_t> cursors(symbol_count_, 0);
  for (std::uint32_t i = 0; i < batch.size(); ++i) {
    const std::size_t symbol = batch.symbol[i];
    const std::uint64_t seq = batch.seq[i];
    const std::vector<Segment>& segments = segments_[symbol];
    std::size_t& cursor = cursors[symbol];
    if (cursor < segments.size() && segments[cursor].end_seq <= seq) {
      const auto found = std::partition_point(segments.begin() + static_cast<std::ptrdiff_t>(cursor), segments.end(),
                                              [&](const Segment& segment) { return segment.end_seq <= seq; });
      cursor = static_cast<std::size_t>(found - segments.begin());
    }
    if (cursor == segments.size() || segments[cursor].first_seq > seq) continue;
    for (std::uint32_t m = segments[cursor].first_meeting; m < segments[cursor].end_meeting; ++m) {
      const std::uint32_t fault = meetings_[m].fault;
      if (!is_hit(fault, bits_of(fault, symbol, seq))) continue;
      batch.touched.push_back(i);
      break;
    }
  }
}

void FaultPlan::decide(const Segment& segment, std::size_t symbol, std::uint64_t seq, std::int64_t time,
                       EventFate& fate) const {
  fate.publish = time;
  fate.late = fate.held = false;
  fate.malformed = nullptr;
  fate.copies.clear();
  for (std::uint32_t m = segment.first_meeting; m < segment.end_meeting; ++m) {
    const Meeting& meeting = meetings_[m];
    const Fault& fault = faults_[meeting.fault];
    const std::uint64_t bits = bits_of(meeting.fault, symbol, seq);
    if (!is_hit(meeting.fault, bits)) continue;
    switch (fault.kind) {
      case FaultKind::hold:
        fate.held = true;
        fate.publish = std::max(fate.publish, meeting.release);
        break;
      case FaultKind::late:
        fate.late = true;
        fate.publish += fault.delay;
        break;
      case FaultKind::out_of_order:
        fate.late = true;
        fate.publish += 1 + static_cast<std::int64_t>(mix64(bits) % static_cast<std::uint64_t>(fault.delay));
        break;
      case FaultKind::duplicate:
        fate.copies.push_back(fault.delay);
        break;
      case FaultKind::malformed:
        if (fate.malformed != nullptr) break;
        fate.malformed = &fault;
        fate.chance = mix64(bits + kGolden);
        break;
    }
  }
  // A copy is the same line again: of a damaged one there is none, so that each (symbol, seq) that came twice was
  // meant to.
  if (fate.malformed != nullptr) fate.copies.clear();
  for (std::int64_t& copy : fate.copies) copy += fate.publish;
}

}  // namespace stack::market
