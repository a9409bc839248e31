#include "lake/range_builder.hpp"

#include <algorithm>

namespace stack::lake {

RangeBuilder::RangeBuilder(Lane lane, std::int64_t first, RangeTerms terms, BlockPool& pool, RangeWriter& writer,
                           std::shared_ptr<std::atomic<bool>> lane_lost, DeadLetterCopy* dead_letter_copy)
    : terms_(terms),
      dt_length_(dt_length(terms.partition_by)),
      pool_(pool),
      writer_(writer),
      dead_letter_copy_(dead_letter_copy),
      output_(std::make_shared<RangeOutput>(std::move(lane), first, terms.format, terms.compression,
                                            std::move(lane_lost))) {}

RangeBuilder::~RangeBuilder() {
  if (output_) output_->give_back_tails(pool_);
}

void RangeBuilder::add(const IncomingRecord& record, RecordParser& parser) {
  ++records_;
  bytes_ += record.value.size();
  output_->times().add(record.timestamp_ms);
  const ParsedRecord parsed = parser.parse(record.value, record.timestamp_ms, dt_length_ > 0);
  if (parsed.dead_reason != nullptr) [[unlikely]] {
    add_dead_letter(record, parsed.dead_reason);
    return;
  }
  if (terms_.format == FileFormat::parquet) {
    if (parsed.is_canonical_tick) {
      inference_.add_tick(parsed.has_quote);
    } else {
      inference_.add(*parsed.object);
    }
  }
  OpenFile& file = file_of(parsed.date.substr(0, dt_length_));
  ++file.rows;
  file.file->all_ticks = file.file->all_ticks && parsed.is_canonical_tick;
  file.file->any_quote = file.file->any_quote || parsed.has_quote;
  add_line(file, parsed.line);
}

RangeBuilder::OpenFile& RangeBuilder::file_of(std::string_view dt) {
  if (latest_ != nullptr && latest_->file->dt == dt) [[likely]] {
    return *latest_;
  }
  if (const auto known = by_dt_.find(dt); known != by_dt_.end()) {
    latest_ = known->second;
  } else {
    files_.push_back(std::make_unique<OpenFile>());
    latest_ = files_.back().get();
    latest_->file = &output_->add_file(std::string(dt), false);
    by_dt_.emplace(dt, latest_);
  }
  return *latest_;
}

void RangeBuilder::add_line(OpenFile& file, std::string_view line) {
  if (file.file->tail.room() <= line.size()) [[unlikely]] {
    make_room(file, line.size() + 1);
  }
  file.file->tail.add_line(line);
  file.file->longest_line = std::max(file.file->longest_line, line.size());
}

void RangeBuilder::make_room(OpenFile& file, std::size_t needed) {
  Block& tail = file.file->tail;
  if (tail.capacity() >= BlockPool::kUsual) hand_over(file);
  // A file that stays small costs little; one that fills soon has the usual size.
  const std::size_t grown = tail.capacity() == 0 ? (file.spilled ? BlockPool::kUsual : BlockPool::kSmallest)
                                                 : std::min(tail.capacity() * 4, BlockPool::kUsual);
  Block larger = pool_.take(std::max(grown, tail.size() + needed));
  larger.add(tail.bytes());
  buffered_ += larger.capacity();
  buffered_ -= tail.capacity();
  pool_.give_back(std::exchange(tail, std::move(larger)));
}

void RangeBuilder::hand_over(OpenFile& file) {
  buffered_ -= file.file->tail.capacity();
  if (!file.spilled) ++open_uploads_;
  file.spilled = true;
  writer_.append(output_, *file.file, std::exchange(file.file->tail, Block{}));
}

void RangeBuilder::spill(std::size_t min_size) {
  for (const auto& file : files_) {
    if (file->file->tail.size() >= min_size) hand_over(*file);
  }
  if (dead_letters_.file != nullptr && dead_letters_.file->tail.size() >= min_size) hand_over(dead_letters_);
}

void RangeBuilder::add_dead_letter(const IncomingRecord& record, const char* reason) {
  if (dead_letters_.file == nullptr) dead_letters_.file = &output_->add_file({}, true);
  ++dead_letters_.rows;
  dead_letter_line_.clear();
  const DeadLetter letter{record.offset, record.timestamp_ms, record.key, record.value, reason};
  append_dead_letter(dead_letter_line_, output_->lane(), letter);
  dead_letter_line_.pop_back();  // add_line ends it
  add_line(dead_letters_, dead_letter_line_);
  if (dead_letter_copy_ != nullptr) dead_letter_copy_->copy(output_->lane(), letter, output_->dead_letter_copies());
}

void RangeBuilder::describe(Claim& claim) const {
  claim.records = records_;
  claim.dead_letters = dead_letters_.rows;
  claim.files.clear();
  for (const auto& file : files_) claim.files.push_back({file->file->dt, file->rows});
  std::ranges::sort(claim.files, {}, &RangeFile::dt);
  claim.columns = terms_.format == FileFormat::parquet ? inference_.columns() : std::vector<Column>{};
}

void RangeBuilder::seal(Claim claim, bool adopted) {
  buffered_ = 0;
  writer_.seal(std::move(output_), std::move(claim), adopted);
  output_.reset();
}

}  // namespace stack::lake
