#include "market/fault_stage.hpp"

#include <algorithm>
#include <cstring>

#include "market/damaged_line.hpp"

namespace stack::market {
namespace {

constexpr std::size_t kFullBatch = 32'768;  // events from which a batch is given out as it is

void make_room(FeedBatch& batch, std::size_t bytes) {
  if (batch.buffer.size() < batch.text_size + bytes)
    batch.buffer.resize(std::max(batch.text_size + bytes, 2 * batch.buffer.size()));
}

void clear(FeedBatch& batch) {
  batch.text_size = 0;
  batch.offsets.assign(1, 0);
  batch.symbol.clear();
  batch.event_time_us.clear();
  batch.publish_time_us.clear();
  batch.seq.clear();
  batch.touched.clear();
}

// Leaves the first COUNT events of BATCH.
void keep_front(FeedBatch& batch, std::size_t count) {
  batch.offsets.resize(count + 1);
  batch.text_size = batch.offsets[count];
  batch.symbol.resize(count);
  batch.event_time_us.resize(count);
}

}  // namespace

FaultStage::FaultStage(const FaultPlan& plan, Encoding encoding, Source source, BatchPool& pool, Positions positions)
    : plan_(plan),
      encoding_(encoding),
      source_(std::move(source)),
      pool_(pool),
      position_(positions.first),
      end_(positions.end) {}

bool FaultStage::has_room(const FeedBatch& out, std::size_t pending) const {
  const std::size_t size = out.size() + pending;
  return size < kFullBatch && position_ + size < end_;
}

// The segment of event I of BATCH, which is touched.
const FaultPlan::Segment& FaultStage::segment_of(const FeedBatch& batch, std::size_t i) {
  const std::size_t symbol = batch.symbol[i];
  if (symbol >= cursors_.size()) cursors_.resize(symbol + 1, 0);
  const auto segments = plan_.segments(symbol);
  std::size_t& cursor = cursors_[symbol];
  while (segments[cursor].end_seq <= batch.seq[i]) ++cursor;
  return segments[cursor];
}

bool FaultStage::is_untouched(const FeedBatch& batch) const {
  return batch.touched.empty() && (due_.empty() || due_.top().publish > batch.event_time_us.back());
}

std::size_t FaultStage::slot() {
  if (free_.empty()) {
    slots_.emplace_back();
    return slots_.size() - 1;
  }
  const std::size_t slot = free_.back();
  free_.pop_back();
  return slot;
}

// Keeps event I, with the fate just decided, until PUBLISH.
void FaultStage::hold(const FeedBatch& batch, std::size_t i, std::int64_t publish, bool copy) {
  const std::size_t to = slot();
  Held& held = slots_[to];
  const std::string_view line = batch.record(i);
  if (fate_.malformed != nullptr) {
    damaged_.resize(line.size() + kMostDamage);
    const char* end = put_damaged(line, encoding_, fate_.malformed->forms, fate_.chance, damaged_.data());
    held.line.assign(damaged_.data(), static_cast<std::size_t>(end - damaged_.data()));
  } else {
    held.line.assign(line);
  }
  held.line += '\n';
  held.symbol = batch.symbol[i];
  held.event_time = batch.event_time_us[i];
  held.late = fate_.late && !copy;
  held.held = fate_.held && !copy;
  held.malformed = fate_.malformed != nullptr;
  held.copy = copy;
  counts_.under_way += copy ? 0 : 1;
  due_.push({publish, order_++, to});
}

void FaultStage::put_line(std::string_view line, std::uint16_t symbol, std::int64_t event_time, std::int64_t publish,
                          FeedBatch& out) const {
  make_room(out, line.size());
  std::memcpy(out.buffer.data() + out.text_size, line.data(), line.size());
  out.text_size += line.size();
  out.offsets.push_back(static_cast<std::uint32_t>(out.text_size));
  out.symbol.push_back(symbol);
  out.event_time_us.push_back(event_time);
  out.publish_time_us.push_back(publish);
}

// Events BEGIN to END of BATCH as they are.
void FaultStage::put_run(const FeedBatch& batch, std::size_t begin, std::size_t end, FeedBatch& out) const {
  if (begin == end) return;
  const std::size_t bytes = batch.offsets[end] - batch.offsets[begin];
  make_room(out, bytes);
  std::memcpy(out.buffer.data() + out.text_size, batch.buffer.data() + batch.offsets[begin], bytes);
  const auto shift = static_cast<std::uint32_t>(out.text_size) - batch.offsets[begin];  // modulo 2^32
  for (std::size_t i = begin; i < end; ++i) out.offsets.push_back(batch.offsets[i + 1] + shift);
  out.text_size += bytes;
  const auto append = [&](const auto& from, auto& to) {
    to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(begin),
              from.begin() + static_cast<std::ptrdiff_t>(end));
  };
  append(batch.symbol, out.symbol);
  append(batch.event_time_us, out.event_time_us);
  append(batch.event_time_us, out.publish_time_us);
}

// The held event whose turn it is.
void FaultStage::put_due(FeedBatch& out) {
  const Due due = due_.top();
  due_.pop();
  const Held& held = slots_[due.slot];
  put_line(held.line, held.symbol, held.event_time, due.publish, out);
  counts_.under_way -= held.copy ? 0 : 1;
  counts_.late += held.late ? 1 : 0;
  counts_.held += held.held ? 1 : 0;
  counts_.malformed += held.malformed ? 1 : 0;
  counts_.duplicated += held.copy ? 1 : 0;
  free_.push_back(due.slot);
}

// Fills OUT with what input_ still has, and with what comes due before it.
void FaultStage::fill(FeedBatch& out) {
  const FeedBatch& batch = *input_;
  std::size_t run = at_;  // events since then go out as they are, and are not written yet
  const auto write_run = [&] {
    put_run(batch, run, at_, out);
    run = at_;
  };
  while (at_ < batch.size() && has_room(out, at_ - run)) {
    const std::int64_t time = batch.event_time_us[at_];
    if (!due_.empty() && due_.top().publish <= time) {
      write_run();
      put_due(out);
      continue;
    }
    if (next_touched_ < batch.touched.size() && batch.touched[next_touched_] == at_) {
      ++next_touched_;
      plan_.decide(segment_of(batch, at_), batch.symbol[at_], batch.seq[at_], time, fate_);
      if (fate_.late || fate_.held || fate_.malformed != nullptr) {
        write_run();
        hold(batch, at_, fate_.publish, false);
        if (fate_.publish <= time) put_due(out);  // damaged, and in its turn
        run = at_ + 1;
      }
      for (const std::int64_t copy : fate_.copies) hold(batch, at_, copy, true);
    }
    ++at_;
  }
  write_run();
}

std::shared_ptr<FeedBatch> FaultStage::next() {
  while (position_ < end_) {
    if (!ended_ && (!input_ || at_ == input_->size())) {
      input_ = source_();
      at_ = next_touched_ = 0;
      ended_ = input_ == nullptr;
      if (!ended_ && is_untouched(*input_)) {
        std::shared_ptr<FeedBatch> batch = std::exchange(input_, nullptr);
        batch->first_position = position_;
        if (batch->size() > end_ - position_) keep_front(*batch, end_ - position_);
        position_ += batch->size();
        return batch;
      }
    }
    if (ended_ && due_.empty()) return nullptr;
    std::shared_ptr<FeedBatch> out = pool_.take();
    clear(*out);
    out->first_position = position_;
    if (ended_)
      while (!due_.empty() && has_room(*out, 0)) put_due(*out);
    else
      fill(*out);
    if (out->size() == 0) continue;
    position_ += out->size();
    return out;
  }
  return nullptr;
}

}  // namespace stack::market
