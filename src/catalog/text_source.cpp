#include "catalog/text_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "core/unique_fd.hpp"

namespace stack::catalog {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

std::string place_of(const lake::ObjectStore& store, const DataFile& file) { return store.uri() + "/" + file.key; }

class FolderSource final : public TextSource {
 public:
  FolderSource(UniqueFd fd, std::string place) : fd_(std::move(fd)), place_(std::move(place)) {}

  Result<std::size_t> read(std::span<char> into) override {
    std::size_t filled = 0;
    while (filled < into.size()) {
      const ssize_t got = ::read(fd_.get(), into.data() + filled, into.size() - filled);
      if (got == 0) break;
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(ErrorKind::storage, fmt::format("{}: cannot be read: {}", place_, std::strerror(errno)));
      filled += static_cast<std::size_t>(got);
    }
    return filled;
  }

 private:
  UniqueFd fd_;
  std::string place_;
};

// A request a MiB, and none behind the size that the listing told.
class ObjectSource final : public TextSource {
 public:
  ObjectSource(lake::ObjectStore& store, const DataFile& file) : store_(store), key_(file.key), size_(file.size) {}

  Result<std::size_t> read(std::span<char> into) override {
    std::size_t filled = 0;
    while (filled < into.size()) {
      if (used_ == piece_.size()) {
        if (offset_ >= size_) break;
        STACK_TRY(fetch());
      }
      const std::size_t taken = piece_.copy(into.data() + filled, into.size() - filled, used_);
      used_ += taken;
      filled += taken;
    }
    return filled;
  }

 private:
  Result<void> fetch() {
    STACK_TRY_ASSIGN(bytes, store_.get_range(key_, offset_, std::min<std::uint64_t>(kPiece, size_ - offset_)));
    if (!bytes || bytes->empty())
      return fail(ErrorKind::storage, fmt::format("{}/{} is gone, or has changed: crawl again", store_.uri(), key_));
    piece_ = *std::move(bytes);
    used_ = 0;
    offset_ += piece_.size();
    return {};
  }

  lake::ObjectStore& store_;
  const std::string key_;
  const std::uint64_t size_;
  std::uint64_t offset_ = 0;  // of what was fetched
  std::string piece_;
  std::size_t used_ = 0;  // of the piece
};

class GzipSource final : public TextSource {
 public:
  GzipSource(std::unique_ptr<TextSource> inner, std::string place)
      : inner_(std::move(inner)),
        place_(std::move(place)),
        bytes_(kPiece),
        started_(inflateInit2(&stream_, 15 + 16) == Z_OK) {}  // 15 bits of window, a gzip header
  ~GzipSource() override {
    if (started_) inflateEnd(&stream_);
  }

  Result<std::size_t> read(std::span<char> into) override {
    if (!started_) return fail(ErrorKind::internal, "zlib cannot be started");
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(into.size());
    while (stream_.avail_out > 0) {
      if (stream_.avail_in == 0) {
        STACK_TRY_ASSIGN(got, inner_->read(bytes_));
        if (got == 0 && inside_) return damaged("ends in the middle");
        if (got == 0) break;
        stream_.next_in = reinterpret_cast<Bytef*>(bytes_.data());
        stream_.avail_in = static_cast<uInt>(got);
      }
      inside_ = true;
      const int state = inflate(&stream_, Z_NO_FLUSH);
      if (state == Z_STREAM_END) {  // of one member; another may follow
        inflateReset(&stream_);
        inside_ = false;
      } else if (state != Z_OK && state != Z_BUF_ERROR) {
        return damaged(stream_.msg != nullptr ? stream_.msg : "not gzip");
      }
    }
    return into.size() - stream_.avail_out;
  }

 private:
  [[nodiscard]] std::unexpected<Error> damaged(std::string_view why) const {
    return fail(ErrorKind::data, fmt::format("{}: {}", place_, why));
  }

  std::unique_ptr<TextSource> inner_;
  std::string place_;
  std::vector<char> bytes_;
  z_stream stream_{};
  bool started_;
  bool inside_ = false;  // a member has begun and not ended
};

class ZstdSource final : public TextSource {
 public:
  ZstdSource(std::unique_ptr<TextSource> inner, std::string place)
      : inner_(std::move(inner)), place_(std::move(place)), bytes_(kPiece), context_(ZSTD_createDCtx()) {}

  Result<std::size_t> read(std::span<char> into) override {
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    while (out.pos < out.size) {
      if (in_.pos == in_.size && !flushing_) {
        STACK_TRY_ASSIGN(got, inner_->read(bytes_));
        if (got == 0 && inside_) return fail(ErrorKind::data, fmt::format("{}: ends in the middle", place_));
        if (got == 0) break;
        in_ = {bytes_.data(), got, 0};
      }
      const std::size_t state = ZSTD_decompressStream(context_.get(), &out, &in_);
      if (ZSTD_isError(state) != 0)
        return fail(ErrorKind::data, fmt::format("{}: {}", place_, ZSTD_getErrorName(state)));
      inside_ = state != 0;
      flushing_ = inside_ && out.pos == out.size;  // it may hold text that did not fit
    }
    return out.pos;
  }

 private:
  struct Deleter {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<TextSource> inner_;
  std::string place_;
  std::vector<char> bytes_;
  std::unique_ptr<ZSTD_DCtx, Deleter> context_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool inside_ = false;
  bool flushing_ = false;
};

Result<std::unique_ptr<TextSource>> open_stored(lake::ObjectStore& store, const DataFile& file) {
  const auto path = store.local_path(file.key);
  if (!path) return std::make_unique<ObjectSource>(store, file);
  UniqueFd fd(::open(path->c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd)
    return fail(ErrorKind::storage, fmt::format("{}: cannot be opened: {}", path->native(), std::strerror(errno)));
  return std::make_unique<FolderSource>(std::move(fd), path->native());
}

}  // namespace

Result<std::unique_ptr<TextSource>> open_text(lake::ObjectStore& store, const DataFile& file) {
  STACK_TRY_ASSIGN(stored, open_stored(store, file));
  switch (file.compression) {
    case FileCompression::gzip:
      return std::make_unique<GzipSource>(std::move(stored), place_of(store, file));
    case FileCompression::zstd:
      return std::make_unique<ZstdSource>(std::move(stored), place_of(store, file));
    case FileCompression::none:
      break;
  }
  return stored;
}

}  // namespace stack::catalog
