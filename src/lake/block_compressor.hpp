// Compresses blocks independently of each other: a gzip file is then a row of gzip members, a zstd file a row of
// frames, both of which their formats and all readers of them define as the concatenation. One compressor so serves any
// number of open files, and an open file costs no compressor's memory.
// Thread-safety: one compressor per thread. Failure: ErrorKind::internal when the library is out of memory.
#pragma once

#include <libdeflate.h>
#include <zstd.h>

#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "lake/file_format.hpp"

namespace stack::lake {

class BlockCompressor {
 public:
  // The compressed form of BYTES, valid until the next call; BYTES itself for Compression::none.
  [[nodiscard]] Result<std::string_view> compress(Compression compression, std::string_view bytes);

 private:
  struct FreeGzip {
    void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
  };
  struct FreeZstd {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  [[nodiscard]] Result<std::string_view> gzip(std::string_view bytes);
  [[nodiscard]] Result<std::string_view> zstd(std::string_view bytes);

  std::unique_ptr<libdeflate_compressor, FreeGzip> gzip_;
  std::unique_ptr<ZSTD_CCtx, FreeZstd> zstd_;
  std::string out_;
};

}  // namespace stack::lake
