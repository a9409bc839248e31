#include "market/window_maker.hpp"

#include <algorithm>

namespace stack::market {
namespace {

constexpr std::size_t kPrefixCopy = 80;  // copied whole, whatever a shorter prefix's length

void merge_two(const std::uint64_t* a, const std::uint64_t* a_end, const std::uint64_t* b, const std::uint64_t* b_end,
               std::uint64_t* out) {
  while (a != a_end && b != b_end) {  // without a branch on the comparison: it cannot be predicted
    const bool second = *b < *a;
    *out++ = second ? *b : *a;
    b += second ? 1 : 0;
    a += second ? 0 : 1;
  }
  out = std::copy(a, a_end, out);
  std::copy(b, b_end, out);
}

}  // namespace

WindowMaker::WindowMaker(const ReplayPlan& plan, Encoding encoding)
    : plan_(plan), encoding_(encoding), motion_(std::make_unique<BlockMotion>()), paths_(plan.symbols().size()) {}

void WindowMaker::make_lane(std::size_t s, const ReplayPlan::Window& window, std::uint64_t pass) {
  const SymbolPlan& symbol = plan_.symbols()[s];
  std::size_t session = plan_.first_session_after(symbol, window.begin);
  if (session == symbol.bars.size()) return;
  SessionSpec spec = plan_.spec(symbol, session);
  if (spec.window.open >= window.end) return;
  if (lanes_.size() == lane_count_) lanes_.emplace_back();
  Lane& lane = lanes_[lane_count_];
  lane.symbol = s;
  lane.next_run = runs_.size();
  lane.run_end = 0;
  lane.seq_of_pass = pass * symbol.first_seq.back();
  SessionPath& path = paths_[s];
  bool first = true;
  for (;;) {
    const std::uint32_t from = SessionPath::ticks_before(spec, window.begin, *motion_);
    const std::uint32_t to = SessionPath::ticks_before(spec, window.end, *motion_);
    const ShapedSession* shape = symbol.shape_of(session);
    if (first)
      lane.seq = lane.seq_of_pass + symbol.first_seq[session] + (shape == nullptr ? from : shape->made_before(from));
    if (from < to) {
      if (path.key() != spec.key || path.spec().bar != spec.bar) path.prepare(spec, *motion_);
      const std::uint32_t first_block = from / kBlockTicks;
      std::size_t start = column_end_;
      columns_.reserve(column_end_ + to - std::size_t{first_block} * kBlockTicks + kBlockTicks);
      for (std::uint32_t b = first_block; b * kBlockTicks < to; ++b)
        start += path.make_block(b, *motion_, columns_, start);
      const std::size_t begin = column_end_ + from - std::size_t{first_block} * kBlockTicks;
      if (lane.next_run == runs_.size()) lane.at = begin;  // only a symbol's first session can begin before the window
      std::size_t count = to - from;
      if (shape != nullptr) {
        const ShapedSession::Run run{begin, count, from};
        shape->change(columns_, run, spec, path.price_scale());
        count = shape->drop(columns_, run, spec.quotes);
      }
      column_end_ = begin + count;
      if (count > 0) runs_.push_back({session, column_end_, path.price_scale()});
    }
    first = false;
    if (++session == symbol.bars.size()) break;
    spec = plan_.spec(symbol, session);
    if (spec.window.open >= window.end) break;
  }
  lane.end = column_end_;
  if (lane.next_run == runs_.size()) return;  // nothing of it in this window
  for (std::size_t i = lane.at; i < lane.end; ++i)
    keys_.push_back(static_cast<std::uint64_t>(columns_.time[i] - window.begin) << 16 | lane_count_);
  bounds_.push_back(keys_.size());
  ++lane_count_;
}

// Lane by lane in pairs, then pairs of pairs: keys_ ends up sorted.
void WindowMaker::merge() {
  merged_.resize(keys_.size());
  while (bounds_.size() > 2) {
    std::size_t kept = 1;
    std::size_t i = 0;
    for (; i + 2 < bounds_.size(); i += 2) {
      merge_two(keys_.data() + bounds_[i], keys_.data() + bounds_[i + 1], keys_.data() + bounds_[i + 1],
                keys_.data() + bounds_[i + 2], merged_.data() + bounds_[i]);
      bounds_[kept++] = bounds_[i + 2];
    }
    if (i + 1 < bounds_.size()) {
      std::copy(keys_.data() + bounds_[i], keys_.data() + bounds_[i + 1], merged_.data() + bounds_[i]);
      bounds_[kept++] = bounds_[i + 1];
    }
    bounds_.resize(kept);
    keys_.swap(merged_);
  }
}

void WindowMaker::start_run(Lane& lane) {
  const Run& run = runs_[lane.next_run++];
  const SymbolPlan& symbol = plan_.symbols()[lane.symbol];
  lane.run_end = run.end;
  lane.price_scale = run.price_scale;
  lane.prefix = line_prefix(encoding_, symbol.series->symbol, symbol.bars[run.session].date());
  lane.prefix_length = lane.prefix.size();
  if (lane.prefix_length < kPrefixCopy) lane.prefix.resize(kPrefixCopy, ' ');
}

template <Encoding encoding, bool quotes>
void WindowMaker::encode(std::size_t skip, std::size_t count, std::int64_t base, FeedBatch& batch) {
  std::size_t longest_prefix = kPrefixCopy;
  for (std::size_t l = 0; l < lane_count_; ++l)
    longest_prefix =
        std::max(longest_prefix, plan_.symbols()[lanes_[l].symbol].series->symbol.size() * 6 + kPrefixCopy);
  if (batch.buffer.size() < count * (longest_prefix + kLongestTail))
    batch.buffer.resize(count * (longest_prefix + kLongestTail));
  batch.offsets.resize(count + 1);
  batch.symbol.resize(count);
  batch.event_time_us.resize(count);
  batch.publish_time_us.clear();
  const bool with_seq = plan_.faults() != nullptr;
  batch.seq.resize(with_seq ? count : 0);
  for (std::size_t i = 0; i < skip; ++i) {
    Lane& lane = lanes_[keys_[i] & 0xFFFFU];
    ++lane.at;
    ++lane.seq;
  }
  for (std::size_t l = 0; l < lane_count_; ++l)
    while (lanes_[l].run_end <= lanes_[l].at && lanes_[l].at < lanes_[l].end) start_run(lanes_[l]);
  char* out = batch.buffer.data();
  TimeWriter writer;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t key = keys_[skip + i];
    Lane& lane = lanes_[key & 0xFFFFU];
    if (lane.at == lane.run_end) start_run(lane);
    const std::int64_t time = base + static_cast<std::int64_t>(key >> 16);
    batch.offsets[i] = static_cast<std::uint32_t>(out - batch.buffer.data());
    batch.symbol[i] = static_cast<std::uint16_t>(lane.symbol);
    batch.event_time_us[i] = time;
    if (with_seq) batch.seq[i] = lane.seq - lane.seq_of_pass;
    const std::size_t length = lane.prefix_length;
    if (length <= kPrefixCopy)
      std::memcpy(out, lane.prefix.data(), kPrefixCopy);
    else
      std::memcpy(out, lane.prefix.data(), length);
    TickFields tick{
        .seq = lane.seq++, .price = columns_.price[lane.at], .scale = lane.price_scale, .size = columns_.size[lane.at]};
    if constexpr (quotes) {
      tick.bid = columns_.bid[lane.at];
      tick.ask = columns_.ask[lane.at];
    }
    out = put_tail<encoding, quotes>(out + length, writer, time, tick);
    ++lane.at;
  }
  batch.text_size = static_cast<std::size_t>(out - batch.buffer.data());
  batch.offsets[count] = static_cast<std::uint32_t>(batch.text_size);
}

void WindowMaker::make(std::uint64_t index, const Part& part, FeedBatch& batch) {
  const ReplayPlan::Window window = plan_.window(index);
  const std::uint64_t position = plan_.position_of(window.begin, *motion_);
  column_end_ = 0;
  lane_count_ = 0;
  runs_.clear();
  keys_.clear();
  bounds_.assign(1, 0);
  if (position < part.end)
    for (std::size_t s = 0; s < plan_.symbols().size(); ++s) make_lane(s, window, part.pass);
  merge();
  const std::uint64_t skip = std::min<std::uint64_t>(part.first > position ? part.first - position : 0, keys_.size());
  const std::uint64_t room = part.end > position + skip ? part.end - position - skip : 0;
  const std::uint64_t count = std::min<std::uint64_t>(keys_.size() - skip, room);
  batch.first_position = part.pass * plan_.total_ticks() + position + skip;
  batch.pass = part.pass;
  const auto encode_in = [&]<Encoding encoding>() {
    if (plan_.quotes())
      encode<encoding, true>(skip, count, window.begin, batch);
    else
      encode<encoding, false>(skip, count, window.begin, batch);
  };
  if (encoding_ == Encoding::ndjson)
    encode_in.template operator()<Encoding::ndjson>();
  else
    encode_in.template operator()<Encoding::csv>();
  if (plan_.faults() != nullptr) plan_.faults()->mark(batch);
}

}  // namespace stack::market
