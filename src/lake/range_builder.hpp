// One range as it is read: records become lines in per-dt buffers, which go to the RangeWriter as they fill.
// Thread-safety: for the thread that consumes. Never fails; what the writer cannot do comes as its outcome.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lake/claim.hpp"
#include "lake/column.hpp"
#include "lake/dead_letter.hpp"
#include "lake/dead_letter_copy.hpp"
#include "lake/range_writer.hpp"
#include "lake/record.hpp"

namespace stack::lake {

// The terms that a range is written under: today's options, or those of the claim that was adopted.
struct RangeTerms {
  FileFormat format = FileFormat::ndjson;
  Compression compression = Compression::none;
  PartitionBy partition_by = PartitionBy::month;
};

struct IncomingRecord {
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = -1;
  std::string_view key;    // without data(): null
  std::string_view value;  // without data(): null
};

class RangeBuilder {
 public:
  RangeBuilder(Lane lane, std::int64_t first, RangeTerms terms, BlockPool& pool, RangeWriter& writer,
               std::shared_ptr<std::atomic<bool>> lane_lost, DeadLetterCopy* dead_letter_copy = nullptr);
  RangeBuilder(const RangeBuilder&) = delete;
  RangeBuilder& operator=(const RangeBuilder&) = delete;
  ~RangeBuilder();  // gives an unsealed range up

  void add(const IncomingRecord& record, RecordParser& parser);

  [[nodiscard]] std::int64_t first() const { return output_->first(); }
  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t buffered() const { return buffered_; }  // bytes of buffers that are not yet handed over
  [[nodiscard]] std::size_t open_uploads() const { return open_uploads_; }
  [[nodiscard]] std::size_t file_count() const { return files_.size(); }
  [[nodiscard]] std::size_t column_count() const { return inference_.size(); }  // of typed files; 0 for NDJSON

  // Hands every buffer of MIN_SIZE bytes or more to the writer.
  void spill(std::size_t min_size);

  // Counts, files and columns as read so far, into CLAIM.
  void describe(Claim& claim) const;
  // Hands everything over; the range is the writer's from here on. CLAIM says the range's end and terms.
  void seal(Claim claim, bool adopted);

 private:
  struct OpenFile {
    RangeOutput::File* file = nullptr;
    std::uint64_t rows = 0;
    bool spilled = false;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  [[nodiscard]] OpenFile& file_of(std::string_view dt);
  void add_line(OpenFile& file, std::string_view line);
  void make_room(OpenFile& file, std::size_t needed);
  void hand_over(OpenFile& file);
  void add_dead_letter(const IncomingRecord& record, const char* reason);

  RangeTerms terms_;
  std::size_t dt_length_;
  BlockPool& pool_;
  RangeWriter& writer_;
  DeadLetterCopy* dead_letter_copy_;     // null: none is asked for
  std::shared_ptr<RangeOutput> output_;  // null once sealed
  std::vector<std::unique_ptr<OpenFile>> files_;
  std::unordered_map<std::string, OpenFile*, TextHash, std::equal_to<>> by_dt_;
  OpenFile* latest_ = nullptr;
  OpenFile dead_letters_;
  std::string dead_letter_line_;
  ColumnInference inference_;
  std::uint64_t records_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t buffered_ = 0;
  std::size_t open_uploads_ = 0;
};

}  // namespace stack::lake
