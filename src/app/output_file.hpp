// Where a command's data go: standard output, or a file that is written beside its name and takes the name when it is
// whole. A device or a pipe is written to as it is.
// Thread-safety: one thread. Failure: ErrorKind::storage, naming the file.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/result.hpp"
#include "core/unique_fd.hpp"

namespace stack::app {

class OutputFile {
 public:
  // NAMED: empty or "-" is standard output.
  static Result<OutputFile> open(const std::string& named);
  OutputFile(OutputFile&& other) noexcept
      : owned_(std::move(other.owned_)),
        fd_(other.fd_),
        path_(std::move(other.path_)),
        partial_(std::exchange(other.partial_, {})) {}
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();  // what is not finished is removed

  // False: the reader of standard output has gone and wants no more.
  Result<bool> write(std::string_view bytes);
  Result<void> finish();

 private:
  static Result<OutputFile> open_as_it_is(const std::string& path);
  OutputFile(UniqueFd owned, int fd, std::string path, std::string partial)
      : owned_(std::move(owned)), fd_(fd), path_(std::move(path)), partial_(std::move(partial)) {}

  UniqueFd owned_;
  int fd_;
  std::string path_;
  std::string partial_;
};

}  // namespace stack::app
