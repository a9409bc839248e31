#include "lake/line_reader.hpp"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <cstring>
#include <memory>
#include <string>

namespace stack::lake {
namespace {

constexpr std::uint64_t kPiece = 4ULL << 20;
constexpr std::size_t kDecompressed = 1U << 20;

// Cuts a stream of bytes into lines.
class LineSplitter {
 public:
  explicit LineSplitter(const std::function<void(std::string_view)>& see) : see_(see) {}

  void add(std::string_view bytes) {
    while (true) {
      const auto* end = static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
      if (end == nullptr) break;
      const auto length = static_cast<std::size_t>(end - bytes.data());
      if (begun_.empty()) {
        see_(bytes.substr(0, length));
      } else {
        begun_.append(bytes.substr(0, length));
        see_(begun_);
        begun_.clear();
      }
      bytes.remove_prefix(length + 1);
      if (bytes.empty()) return;
    }
    begun_.append(bytes);
  }
  void end() {
    if (!begun_.empty()) see_(begun_);
  }

 private:
  const std::function<void(std::string_view)>& see_;
  std::string begun_;
};

class Decompressor {
 public:
  virtual ~Decompressor() = default;
  // Whether BYTES, the stream's next, were sound.
  virtual bool add(std::string_view bytes, LineSplitter& lines) = 0;
  // Whether the stream may end here.
  [[nodiscard]] virtual bool is_whole() const = 0;
};

class Plain final : public Decompressor {
 public:
  bool add(std::string_view bytes, LineSplitter& lines) override {
    lines.add(bytes);
    return true;
  }
  [[nodiscard]] bool is_whole() const override { return true; }
};

class Gzip final : public Decompressor {
 public:
  Gzip() : sound_(inflateInit2(&stream_, 15 + 16) == Z_OK) {}
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() override { inflateEnd(&stream_); }

  bool add(std::string_view bytes, LineSplitter& lines) override {
    std::string input(bytes);  // zlib asks for bytes it may write to
    stream_.next_in = reinterpret_cast<Bytef*>(input.data());
    stream_.avail_in = static_cast<uInt>(input.size());
    while (sound_ && stream_.avail_in > 0) {
      if (whole_) sound_ = inflateReset(&stream_) == Z_OK;  // the next member
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
      stream_.avail_out = static_cast<uInt>(out_.size());
      const int state = inflate(&stream_, Z_NO_FLUSH);
      sound_ = sound_ && (state == Z_OK || state == Z_STREAM_END || state == Z_BUF_ERROR);
      whole_ = state == Z_STREAM_END;
      lines.add(std::string_view(out_).substr(0, out_.size() - stream_.avail_out));
    }
    return sound_;
  }
  [[nodiscard]] bool is_whole() const override { return whole_; }

 private:
  z_stream stream_{};
  std::string out_ = std::string(kDecompressed, '\0');
  bool sound_;
  bool whole_ = false;
};

class Zstd final : public Decompressor {
 public:
  bool add(std::string_view bytes, LineSplitter& lines) override {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    while (in.pos < in.size || full_) {
      ZSTD_outBuffer out{out_.data(), out_.size(), 0};
      const std::size_t state = ZSTD_decompressStream(stream_.get(), &out, &in);
      if (ZSTD_isError(state) != 0) return false;
      whole_ = state == 0;
      full_ = out.pos == out.size;
      lines.add(std::string_view(out_).substr(0, out.pos));
    }
    return true;
  }
  [[nodiscard]] bool is_whole() const override { return whole_; }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_{ZSTD_createDStream()};
  std::string out_ = std::string(kDecompressed, '\0');
  bool whole_ = false;
  bool full_ = false;  // the last call may have left something behind
};

std::unique_ptr<Decompressor> decompressor(Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return std::make_unique<Gzip>();
    case Compression::zstd:
      return std::make_unique<Zstd>();
    case Compression::none:
      break;
  }
  return std::make_unique<Plain>();
}

}  // namespace

Result<void> for_each_line(ObjectStore& store, std::string_view key, Compression compression,
                           const std::function<void(std::string_view)>& see) {
  LineSplitter lines(see);
  const auto stream = decompressor(compression);
  for (std::uint64_t offset = 0;; offset += kPiece) {
    STACK_TRY_ASSIGN(piece, store.get_range(key, offset, kPiece));
    if (!piece) return fail(ErrorKind::storage, fmt::format("{} in {} vanished while it was read", key, store.uri()));
    if (!stream->add(*piece, lines)) {
      return fail(ErrorKind::storage, fmt::format("{} in {} is not {}", key, store.uri(), name_of(compression)));
    }
    if (piece->size() < kPiece) break;
  }
  if (!stream->is_whole()) {
    return fail(ErrorKind::storage, fmt::format("{} in {} is cut off", key, store.uri()));
  }
  lines.end();
  return {};
}

}  // namespace stack::lake
