#include "lake/range_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <future>

#include "lake/crash_point.hpp"
#include "lake/posix_error.hpp"
#include "lake/upload_file.hpp"

namespace stack::lake {
namespace {

namespace fs = std::filesystem;

Result<void> write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return storage_error("write", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

// Counts how long it lived.
class Timing {
 public:
  explicit Timing(LatencyHistogram& histogram) : histogram_(histogram), began_(std::chrono::steady_clock::now()) {}
  Timing(const Timing&) = delete;
  Timing& operator=(const Timing&) = delete;
  ~Timing() {
    histogram_.record(
        std::chrono::duration_cast<LatencyHistogram::Duration>(std::chrono::steady_clock::now() - began_));
  }

 private:
  LatencyHistogram& histogram_;
  std::chrono::steady_clock::time_point began_;
};

void remove_quietly(const fs::path& path) {
  std::error_code ignored;
  if (!path.empty()) fs::remove(path, ignored);
}

}  // namespace

RangeOutput::~RangeOutput() {
  for (const auto& file : files_) remove_quietly(file->json_lines);
}

RangeOutput::File& RangeOutput::add_file(std::string dt, bool dead_letters) {
  files_.push_back(std::make_unique<File>());
  files_.back()->dt = std::move(dt);
  files_.back()->dead_letters = dead_letters;
  return *files_.back();
}

std::string RangeOutput::key_of(const File& file) const {
  return file.dead_letters ? dead_letter_key(lane_, first_)
                           : data_key(lane_, file.dt, first_, file_extension(format_, compression_));
}

Result<void> RangeOutput::append(File& file, std::string_view lines, WriterTools& tools) {
  const Timing timing{tools.progress.block_time};
  if (is_parquet(file)) return append_json_lines(file, lines, tools);
  STACK_TRY_ASSIGN(bytes, tools.compressor.compress(file.dead_letters ? Compression::none : compression_, lines));
  if (!file.upload) {
    STACK_TRY_ASSIGN(upload, tools.store.open_upload(key_of(file)));
    file.upload = std::move(upload);
  }
  return file.upload->append(bytes);
}

Result<void> RangeOutput::append_json_lines(File& file, std::string_view lines, WriterTools& tools) {
  if (!file.json_lines_fd) {
    file.json_lines = tools.scratch->next_path("ndjson");
    file.json_lines_fd.reset(::open(file.json_lines.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.json_lines_fd) return storage_error("create", file.json_lines, errno);
  }
  return write_all(file.json_lines_fd.get(), lines, file.json_lines);
}

Result<std::optional<std::uint64_t>> RangeOutput::complete(const Claim& claim, WriterTools& tools,
                                                           const PutGuard& guard) {
  std::vector<File*> lines;
  for (const auto& file : files_) {
    if (!is_parquet(*file)) {
      lines.push_back(file.get());
      continue;
    }
    crash_point("before-complete");
    const Timing timing{tools.progress.file_time};
    STACK_TRY(complete_parquet(*file, claim, tools, guard));
    crash_point("after-first-file");
  }
  if (!lines.empty()) STACK_TRY(complete_side_by_side(lines, tools, guard));
  if (withdrawn_) return std::nullopt;
  count_files(tools.progress);
  return files_.size();
}

Landing RangeOutput::landing(const Claim& claim) const {
  Landing landing;
  for (const auto& file : files_) {
    if (file->dead_letters) continue;
    const auto in_claim = std::ranges::find(claim.files, file->dt, &RangeFile::dt);
    const bool is_known = format_ == FileFormat::ndjson && file->all_ticks;
    landing.files.push_back({.key = key_of(*file),
                             .rows = in_claim != claim.files.end() ? in_claim->rows : 0,
                             .ticks = !is_known         ? LandedFile::Ticks::unknown
                                      : file->any_quote ? LandedFile::Ticks::quoted
                                                        : LandedFile::Ticks::plain});
  }
  return landing;
}

void RangeOutput::count_files(SinkProgress& progress) const {
  for (const auto& file : files_) {
    auto& rows_files = is_parquet(*file) ? progress.parquet_files : progress.ndjson_files;
    ++(file->dead_letters ? progress.dead_letter_files : rows_files);
  }
}

// Completion is waiting, for a disk's sync or a store's answer: several at once wait together.
Result<void> RangeOutput::complete_side_by_side(const std::vector<File*>& files, const WriterTools& tools,
                                                const PutGuard& guard) {
  constexpr std::size_t kMostThreads = 8;
  constexpr std::size_t kFilesAThread = 4;
  std::atomic<std::size_t> next{0};
  const auto complete_some = [&]() -> Result<void> {
    BlockCompressor compressor;
    for (std::size_t i = next++; i < files.size(); i = next++) {
      crash_point("before-complete");
      const Timing timing{tools.progress.file_time};
      STACK_TRY(complete_lines(*files[i], tools.store, compressor, guard));
      crash_point("after-first-file");
    }
    return {};
  };
  std::vector<std::future<Result<void>>> others;
  const std::size_t threads = std::min(kMostThreads, files.size() / kFilesAThread + 1);
  for (std::size_t i = 1; i < threads; ++i) others.push_back(std::async(std::launch::async, complete_some));
  Result<void> result = complete_some();
  for (auto& other : others) {
    auto theirs = other.get();
    if (result && !theirs) result = std::move(theirs);
  }
  return result;
}

void RangeOutput::give_back_tails(BlockPool& pool) {
  for (const auto& file : files_) pool.give_back(std::move(file->tail));
}

Result<void> RangeOutput::complete_lines(File& file, ObjectStore& store, BlockCompressor& compressor,
                                         const PutGuard& guard) {
  const Compression compression = file.dead_letters ? Compression::none : compression_;
  STACK_TRY_ASSIGN(bytes, compressor.compress(compression, file.tail.bytes()));
  // Whether the name was free does not matter: its holder wrote the same range under the same claim.
  if (file.upload) {
    STACK_TRY(file.upload->append(bytes));
    STACK_TRY_ASSIGN(outcome, file.upload->complete_if_absent(guard));
    heed(outcome);
  } else {
    STACK_TRY_ASSIGN(outcome, store.put_if_absent(key_of(file), bytes, guard));
    heed(outcome);
  }
  return {};
}

Result<void> RangeOutput::complete_parquet(File& file, const Claim& claim, WriterTools& tools, const PutGuard& guard) {
  STACK_TRY(append_json_lines(file, file.tail.bytes(), tools));
  file.json_lines_fd.reset();
  const fs::path parquet = tools.scratch->next_path("parquet");
  const auto in_claim = std::ranges::find(claim.files, file.dt, &RangeFile::dt);
  const ParquetWriter::JsonLines lines{.path = file.json_lines,
                                       .longest = file.longest_line,
                                       .rows = in_claim != claim.files.end() ? in_claim->rows : 0,
                                       .all_ticks = file.all_ticks};
  if (auto converted = tools.parquet.convert(lines, claim.columns, compression_, parquet); !converted) {
    remove_quietly(parquet);
    return converted;
  }
  remove_quietly(file.json_lines);
  STACK_TRY_ASSIGN(upload, tools.store.open_upload(key_of(file)));
  auto copied = append_file(*upload, parquet);
  remove_quietly(parquet);
  STACK_TRY(std::move(copied));
  STACK_TRY_ASSIGN(outcome, upload->complete_if_absent(guard));
  heed(outcome);
  return {};
}

}  // namespace stack::lake
