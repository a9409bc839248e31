#include "market/csv_text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/unique_fd.hpp"

namespace stack::market {
namespace {

bool is_gzip(std::string_view raw) { return raw.size() > 2 && raw[0] == '\x1f' && raw[1] == '\x8b'; }

struct InflateEnd {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

// All members of a gzip file, one after the other.
Result<std::string> gunzip(const std::string& name, std::string_view raw) {
  const auto broken = [&] { return fail(ErrorKind::data, fmt::format("{}: not a whole gzip file", name)); };
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return fail(ErrorKind::internal, "zlib cannot be initialised");
  const std::unique_ptr<z_stream, InflateEnd> guard(&stream);
  std::string content(std::max<std::size_t>(raw.size() * 4, 4096), '\0');
  std::size_t produced = 0;
  std::size_t consumed = 0;
  constexpr std::size_t kStep = std::size_t{1} << 30;  // zlib counts in 32 bits
  for (;;) {
    if (produced == content.size()) content.resize(content.size() * 2);
    const std::size_t in = std::min(raw.size() - consumed, kStep);
    const std::size_t out = std::min(content.size() - produced, kStep);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(raw.data() + consumed));  // zlib only reads it
    stream.avail_in = static_cast<uInt>(in);
    stream.next_out = reinterpret_cast<Bytef*>(content.data() + produced);
    stream.avail_out = static_cast<uInt>(out);
    const int status = inflate(&stream, Z_NO_FLUSH);
    const std::size_t taken = in - stream.avail_in;
    const std::size_t given = out - stream.avail_out;
    consumed += taken;
    produced += given;
    if (status == Z_STREAM_END) {
      if (!is_gzip(raw.substr(consumed))) break;  // what follows a member and is not one is padding
      if (inflateReset(&stream) != Z_OK) return broken();
      continue;
    }
    if (status != Z_OK && status != Z_BUF_ERROR) return broken();
    if (taken == 0 && given == 0) return broken();
  }
  content.resize(produced);
  content.shrink_to_fit();
  return content;
}

Result<std::string> read_all(const std::string& path, int fd) {
  std::string content;
  std::size_t size = 0;
  for (;;) {
    content.resize(std::max<std::size_t>(size * 2, std::size_t{1} << 16));
    const ssize_t got = ::read(fd, content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(ErrorKind::data, fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  content.resize(size);
  return content;
}

}  // namespace

CsvText::~CsvText() {
  if (mapping_ != nullptr) ::munmap(mapping_, mapping_size_);
}

Result<void> CsvText::settle(const std::string& name, std::string_view raw) {
  view_ = raw;
  if (is_gzip(raw)) {
    STACK_TRY_ASSIGN(content, gunzip(name, raw));
    content_ = std::move(content);
    view_ = content_;
    if (mapping_ != nullptr) ::munmap(std::exchange(mapping_, nullptr), mapping_size_);
  }
  if (view_.starts_with("\xEF\xBB\xBF")) view_.remove_prefix(3);
  if (view_.starts_with("\xFF\xFE") || view_.starts_with("\xFE\xFF"))
    return fail(ErrorKind::data, fmt::format("{}: is UTF-16; save it as UTF-8", name));
  return {};
}

Result<std::unique_ptr<CsvText>> CsvText::of(const std::string& name, std::string content) {
  std::unique_ptr<CsvText> text(new CsvText);
  text->content_ = std::move(content);
  STACK_TRY(text->settle(name, text->content_));
  return text;
}

Result<std::unique_ptr<CsvText>> CsvText::open(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0)
    return fail(ErrorKind::data, fmt::format("{}: cannot be opened: {}", path, std::strerror(errno)));
  if (S_ISDIR(status.st_mode))
    return fail(ErrorKind::data, fmt::format("{}: is a directory; name a CSV file in it", path));
  std::unique_ptr<CsvText> text(new CsvText);
  if (!S_ISREG(status.st_mode)) {
    STACK_TRY_ASSIGN(content, read_all(path, fd.get()));
    text->content_ = std::move(content);
    STACK_TRY(text->settle(path, text->content_));
    return text;
  }
  if (status.st_size == 0) return fail(ErrorKind::data, fmt::format("{}: is empty", path));
  const auto size = static_cast<std::size_t>(status.st_size);
  void* mapping = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (mapping == MAP_FAILED)
    return fail(ErrorKind::data, fmt::format("{}: cannot be mapped: {}", path, std::strerror(errno)));
  text->mapping_ = mapping;
  text->mapping_size_ = size;
  ::madvise(mapping, size, MADV_SEQUENTIAL);
  STACK_TRY(text->settle(path, {static_cast<const char*>(mapping), size}));
  return text;
}

}  // namespace stack::market
