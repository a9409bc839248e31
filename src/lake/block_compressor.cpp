#include "lake/block_compressor.hpp"

#include <fmt/format.h>

namespace stack::lake {
namespace {
constexpr int kGzipLevel = 4;  // of ticks: 1.6 times as fast as level 6, files are a tenth larger
constexpr int kZstdLevel = 3;
}  // namespace

Result<std::string_view> BlockCompressor::compress(Compression compression, std::string_view bytes) {
  switch (compression) {
    case Compression::gzip:
      return gzip(bytes);
    case Compression::zstd:
      return zstd(bytes);
    case Compression::none:
      break;
  }
  return bytes;
}

Result<std::string_view> BlockCompressor::gzip(std::string_view bytes) {
  if (!gzip_) gzip_.reset(libdeflate_alloc_compressor(kGzipLevel));
  if (!gzip_) return fail(ErrorKind::internal, "gzip: out of memory");
  out_.resize(libdeflate_gzip_compress_bound(gzip_.get(), bytes.size()));
  const std::size_t n = libdeflate_gzip_compress(gzip_.get(), bytes.data(), bytes.size(), out_.data(), out_.size());
  if (n == 0) return fail(ErrorKind::internal, "gzip: the block does not fit its bound");
  return std::string_view(out_).substr(0, n);
}

Result<std::string_view> BlockCompressor::zstd(std::string_view bytes) {
  if (!zstd_) zstd_.reset(ZSTD_createCCtx());
  if (!zstd_) return fail(ErrorKind::internal, "zstd: out of memory");
  out_.resize(ZSTD_compressBound(bytes.size()));
  const std::size_t n =
      ZSTD_compressCCtx(zstd_.get(), out_.data(), out_.size(), bytes.data(), bytes.size(), kZstdLevel);
  if (ZSTD_isError(n) != 0) return fail(ErrorKind::internal, fmt::format("zstd: {}", ZSTD_getErrorName(n)));
  return std::string_view(out_).substr(0, n);
}

}  // namespace stack::lake
