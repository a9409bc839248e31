#include "catalog/file_reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>

#include "catalog/inference.hpp"
#include "catalog/parquet_schema.hpp"
#include "catalog/text_source.hpp"

namespace stack::catalog {
namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 20;
// Of a store elsewhere, whose answers are waited for.
constexpr unsigned kRequestsAtOnce = 24;
// Longer lines are not looked at: DuckDB refuses objects beyond 16 MB as well.
constexpr std::size_t kLongestLine = std::size_t{16} << 20;

// One thread's tools, kept from file to file.
class NdjsonReader {
 public:
  NdjsonReader(lake::ObjectStore& store, const StopFlag& stop) : store_(store), stop_(stop), buffer_(kBuffer) {}

  Result<FileSchema> read(const DataFile& file) {
    const auto complete = infer(file);
    FileSchema schema = inference_.finish();  // of a damaged file as well: the next begins afresh
    if (!complete) return std::unexpected(complete.error());
    return schema;
  }

 private:
  Result<void> infer(const DataFile& file) {
    STACK_TRY_ASSIGN(source, open_text(store_, file));
    std::size_t held = 0;  // the beginning of a line whose end was not read yet
    bool skipping = false;
    while (true) {
      if (stop_.requested()) return fail(ErrorKind::interrupted, "crawl: interrupted");
      STACK_TRY_ASSIGN(got, source->read(std::span(buffer_).subspan(held)));
      if (got == 0) break;
      const std::string_view text(buffer_.data(), held + got);
      const std::size_t last = text.substr(held).rfind('\n');
      if (last == std::string_view::npos) {
        held = keep(text.size(), skipping);
        continue;
      }
      std::string_view lines = text.substr(0, held + last + 1);
      if (skipping) lines.remove_prefix(lines.find('\n') + 1);
      skipping = false;
      inference_.add_lines(lines);
      held = text.size() - (held + last + 1);
      std::memmove(buffer_.data(), buffer_.data() + (text.size() - held), held);
    }
    if (held > 0 && !skipping) inference_.add_lines({buffer_.data(), held});
    return {};
  }

  // No line ended in what was read: room for more, or the line is given up.
  std::size_t keep(std::size_t held, bool& skipping) {
    if (skipping) return 0;
    if (held < kLongestLine) {
      if (held == buffer_.size()) buffer_.resize(buffer_.size() * 2);
      return held;
    }
    inference_.add_malformed_line();
    skipping = true;
    return 0;
  }

  lake::ObjectStore& store_;
  const StopFlag& stop_;
  std::vector<char> buffer_;
  NdjsonInference inference_;
};

class ParallelReading {
 public:
  ParallelReading(lake::ObjectStore& store, std::span<const DataFile* const> files, const StopFlag& stop)
      : store_(store), files_(files), stop_(stop), schemas_(files.size()) {}

  void work() {
    NdjsonReader reader(store_, stop_);
    for (std::size_t i = next_++; i < files_.size() && !stop_.requested(); i = next_++)
      schemas_[i] = reader.read(*files_[i]);
  }

  Result<std::vector<Result<FileSchema>>> result() && {
    if (stop_.requested()) return fail(ErrorKind::interrupted, "crawl: interrupted");
    return std::move(schemas_);
  }

 private:
  lake::ObjectStore& store_;
  std::span<const DataFile* const> files_;
  const StopFlag& stop_;
  std::vector<Result<FileSchema>> schemas_;
  std::atomic<std::size_t> next_{0};
};

Result<std::vector<Result<FileSchema>>> read_ndjson(lake::ObjectStore& store, std::span<const DataFile* const> files,
                                                    unsigned threads, const StopFlag& stop) {
  ParallelReading reading(store, files, stop);
  {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < std::min<std::size_t>(threads, files.size()); ++i)
      others.emplace_back([&] { reading.work(); });
    reading.work();
  }
  return std::move(reading).result();
}

}  // namespace

Result<std::vector<Result<FileSchema>>> read_schemas(lake::ObjectStore& store, std::span<const DataFile* const> files,
                                                     unsigned threads, const StopFlag& stop) {
  std::vector<const DataFile*> ndjson;
  std::vector<const DataFile*> parquet;
  for (const DataFile* file : files) (file->format == TableFormat::parquet ? parquet : ndjson).push_back(file);
  if (!files.empty() && !store.local_path(files.front()->key)) threads = std::max(threads, kRequestsAtOnce);
  STACK_TRY_ASSIGN(texts, read_ndjson(store, ndjson, threads, stop));
  STACK_TRY_ASSIGN(footers, read_parquet_schemas(store, parquet, threads, stop));
  std::vector<Result<FileSchema>> schemas;
  schemas.reserve(files.size());
  auto text = texts.begin();
  auto footer = footers.begin();
  for (const DataFile* file : files)
    schemas.push_back(std::move(file->format == TableFormat::parquet ? *footer++ : *text++));
  return schemas;
}

}  // namespace stack::catalog
