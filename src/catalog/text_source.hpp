// The text of an object of the lake, decompressed on the way (gzip with any number of members, zstd with any number of
// frames), in pieces: memory stays flat however large the object is.
// Thread-safety: one thread at a time. Failure: ErrorKind::storage with the object's place; bytes that are not what
// the file's name says are ErrorKind::data.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "catalog/data_file.hpp"
#include "core/result.hpp"
#include "lake/object_store.hpp"

namespace stack::catalog {

class TextSource {
 public:
  TextSource() = default;
  TextSource(const TextSource&) = delete;
  TextSource& operator=(const TextSource&) = delete;
  virtual ~TextSource() = default;

  // Fills INTO as far as there is text, and returns how far; 0 at the end.
  [[nodiscard]] virtual Result<std::size_t> read(std::span<char> into) = 0;
};

// STORE must outlive the source.
[[nodiscard]] Result<std::unique_ptr<TextSource>> open_text(lake::ObjectStore& store, const DataFile& file);

}  // namespace stack::catalog
