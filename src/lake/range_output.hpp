// The files of one range on their way: bytes go to uploads (or, for Parquet, to local JSON lines) as they come, and
// become objects only when the range's claim stands. Given up without completion, nothing of them remains.
// Thread-safety: files are added by the thread that builds the range; everything else is for the thread that writes it.
// The queue between the two orders them. Failure: ErrorKind::storage from the store.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/unique_fd.hpp"
#include "kafka/record_producer.hpp"
#include "lake/block_compressor.hpp"
#include "lake/block_pool.hpp"
#include "lake/claim.hpp"
#include "lake/landing.hpp"
#include "lake/object_store.hpp"
#include "lake/parquet_writer.hpp"
#include "lake/record_times.hpp"
#include "lake/scratch_folder.hpp"
#include "lake/sink_progress.hpp"

namespace stack::lake {

// The tools that the writing thread lends to the ranges it writes.
struct WriterTools {
  ObjectStore& store;
  SinkProgress& progress;
  ScratchFolder* scratch;  // for Parquet; null where none is written
  BlockCompressor compressor;
  ParquetWriter parquet;
};

class RangeOutput {
 public:
  struct File {
    std::string dt;
    bool dead_letters = false;
    Block tail;  // the last lines, which come with the seal
    std::size_t longest_line = 0;
    bool all_ticks = true;  // in exactly the event contract's form
    bool any_quote = false;

    // The writing thread's own:
    std::unique_ptr<Upload> upload;
    std::filesystem::path json_lines;
    UniqueFd json_lines_fd;
  };

  RangeOutput(Lane lane, std::int64_t first, FileFormat format, Compression compression,
              std::shared_ptr<std::atomic<bool>> lane_lost)
      : lane_(std::move(lane)),
        first_(first),
        format_(format),
        compression_(compression),
        lane_lost_(std::move(lane_lost)) {}
  RangeOutput(const RangeOutput&) = delete;
  RangeOutput& operator=(const RangeOutput&) = delete;
  ~RangeOutput();

  [[nodiscard]] const Lane& lane() const { return lane_; }
  [[nodiscard]] std::int64_t first() const { return first_; }
  File& add_file(std::string dt, bool dead_letters);
  // Of all its records; added to by who builds the range.
  [[nodiscard]] RecordTimes& times() { return times_; }

  // Copies of its dead letters on their way to a topic; who builds the range sends them.
  [[nodiscard]] const std::shared_ptr<kafka::Deliveries>& dead_letter_copies() const { return dead_letter_copies_; }

  // Set when a range of this lane, this one or one before it, was lost: none behind it may be claimed.
  [[nodiscard]] bool is_lost() const { return lane_lost_->load(std::memory_order_acquire); }
  [[nodiscard]] bool belongs_to(const std::shared_ptr<std::atomic<bool>>& lane_lost) const {
    return lane_lost_ == lane_lost;
  }
  void mark_lost() { lane_lost_->store(true, std::memory_order_release); }

  [[nodiscard]] Result<void> append(File& file, std::string_view lines, WriterTools& tools);
  // Makes every file visible under CLAIM, which stands, while GUARD says yes; how many. None: it said no.
  [[nodiscard]] Result<std::optional<std::uint64_t>> complete(const Claim& claim, WriterTools& tools,
                                                              const PutGuard& guard);
  // What complete() has made visible.
  [[nodiscard]] Landing landing(const Claim& claim) const;
  void give_back_tails(BlockPool& pool);

 private:
  [[nodiscard]] bool is_parquet(const File& file) const { return format_ == FileFormat::parquet && !file.dead_letters; }
  [[nodiscard]] Result<void> append_json_lines(File& file, std::string_view lines, WriterTools& tools);
  [[nodiscard]] Result<void> complete_side_by_side(const std::vector<File*>& files, const WriterTools& tools,
                                                   const PutGuard& guard);
  [[nodiscard]] Result<void> complete_lines(File& file, ObjectStore& store, BlockCompressor& compressor,
                                            const PutGuard& guard);
  void heed(PutOutcome outcome) {
    if (outcome == PutOutcome::withdrawn) withdrawn_ = true;
  }
  void count_files(SinkProgress& progress) const;
  [[nodiscard]] Result<void> complete_parquet(File& file, const Claim& claim, WriterTools& tools,
                                              const PutGuard& guard);
  [[nodiscard]] std::string key_of(const File& file) const;

  Lane lane_;
  std::int64_t first_;
  FileFormat format_;
  Compression compression_;
  std::shared_ptr<std::atomic<bool>> lane_lost_;
  std::vector<std::unique_ptr<File>> files_;
  RecordTimes times_;
  std::atomic<bool> withdrawn_{false};  // by the guard
  std::shared_ptr<kafka::Deliveries> dead_letter_copies_ = std::make_shared<kafka::Deliveries>();
};

}  // namespace stack::lake
