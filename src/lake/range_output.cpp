#include "lake/range_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "lake/crash_point.hpp"
#include "lake/posix_error.hpp"

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

Result<void> append_file(Upload& upload, const fs::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return storage_error("read", path, errno);
  std::string buffer(1U << 20, '\0');
  while (true) {
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return storage_error("read", path, errno);
    if (n == 0) return {};
    STACK_TRY(upload.append(std::string_view(buffer).substr(0, static_cast<std::size_t>(n))));
  }
}

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

Result<std::uint64_t> RangeOutput::complete(const Claim& claim, WriterTools& tools) {
  std::uint64_t completed = 0;
  for (const auto& file : files_) {
    crash_point("before-complete");
    STACK_TRY(complete_file(*file, claim, tools));
    if (completed++ == 0) crash_point("after-first-file");
  }
  return completed;
}

void RangeOutput::give_back_tails(BlockPool& pool) {
  for (const auto& file : files_) pool.give_back(std::move(file->tail));
}

Result<void> RangeOutput::complete_file(File& file, const Claim& claim, WriterTools& tools) {
  if (is_parquet(file)) return complete_parquet(file, claim, tools);
  // Whether the name was free does not matter: its holder wrote the same range under the same claim.
  if (file.upload) {
    STACK_TRY(append(file, file.tail.bytes(), tools));
    STACK_TRY(file.upload->complete_if_absent());
    return {};
  }
  const Compression compression = file.dead_letters ? Compression::none : compression_;
  STACK_TRY_ASSIGN(bytes, tools.compressor.compress(compression, file.tail.bytes()));
  STACK_TRY(tools.store.put_if_absent(key_of(file), bytes));
  return {};
}

Result<void> RangeOutput::complete_parquet(File& file, const Claim& claim, WriterTools& tools) {
  STACK_TRY(append_json_lines(file, file.tail.bytes(), tools));
  file.json_lines_fd.reset();
  const fs::path parquet = tools.scratch->next_path("parquet");
  if (auto converted = tools.parquet.convert(file.json_lines, file.longest_line, claim.columns, parquet); !converted) {
    remove_quietly(parquet);
    return converted;
  }
  remove_quietly(file.json_lines);
  STACK_TRY_ASSIGN(upload, tools.store.open_upload(key_of(file)));
  auto copied = append_file(*upload, parquet);
  remove_quietly(parquet);
  STACK_TRY(std::move(copied));
  STACK_TRY(upload->complete_if_absent());
  return {};
}

}  // namespace stack::lake
