// Writes to a C stream and remembers whether it took everything. Thread-safety: one thread.
// Failure: check() is ErrorKind::storage with the reason. A reader that has gone, as head does when it has enough, is
// no failure: what comes after is not written.
#pragma once

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "core/result.hpp"

namespace stack::query {

class OutputStream {
 public:
  explicit OutputStream(std::FILE* file) : file_(file) {}

  void write(std::string_view text) {
    if (error_ == 0 && std::fwrite(text.data(), 1, text.size(), file_) != text.size()) error_ = errno;
  }
  [[nodiscard]] bool reader_gone() const { return error_ == EPIPE; }
  [[nodiscard]] Result<void> check() const {
    if (error_ == 0 || reader_gone()) return {};
    return fail(ErrorKind::storage, fmt::format("the result cannot be written: {}", std::strerror(error_)));
  }
  [[nodiscard]] Result<void> flush() {
    if (error_ == 0 && std::fflush(file_) != 0) error_ = errno;
    return check();
  }

 private:
  std::FILE* file_;
  int error_ = 0;
};

}  // namespace stack::query
