#include "lake/object_fetch.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <optional>
#include <thread>

#include "core/unique_fd.hpp"
#include "lake/posix_error.hpp"

namespace stack::lake {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPiece = 4ULL << 20;

// A file on its way; whoever writes its last piece gives it its name.
struct Incoming {
  std::mutex opening;
  fs::path written;
  UniqueFd fd;
  std::atomic<std::uint64_t> pieces_left{0};
};

struct Piece {
  std::size_t file = 0;
  std::uint64_t offset = 0;
};

class Fetching {
 public:
  Fetching(ObjectStore& store, const std::vector<ObjectFetch>& wanted, ScratchFolder& scratch, const StopFlag& stop)
      : store_(store), wanted_(wanted), scratch_(scratch), stop_(stop), files_(wanted.size()) {
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      const std::uint64_t size = wanted_[i].object->size;
      for (std::uint64_t offset = 0; offset == 0 || offset < size; offset += kPiece) {
        pieces_.push_back({i, offset});
        ++files_[i].pieces_left;
      }
    }
  }

  [[nodiscard]] std::size_t pieces() const { return pieces_.size(); }

  void work() {
    for (std::size_t i = next_++; i < pieces_.size() && !ended_; i = next_++) {
      auto done = stop_.requested() ? fail(ErrorKind::interrupted, "interrupted while objects were fetched")
                                    : fetch(pieces_[i]);
      if (!done) give_up(std::move(done).error());
    }
  }

  Result<bool> result() {
    if (error_) return std::unexpected(*std::move(error_));
    return !vanished_;
  }

 private:
  Result<void> fetch(const Piece& piece) {
    const ObjectFetch& wanted = wanted_[piece.file];
    Incoming& file = files_[piece.file];
    const std::uint64_t length = std::min(kPiece, wanted.object->size - piece.offset);
    std::optional<std::string> bytes = std::string{};
    if (length > 0) {
      STACK_TRY_ASSIGN(got, store_.get_range(wanted.object->key, piece.offset, length));
      bytes = std::move(got);
    }
    if (!bytes || bytes->size() != length) {
      vanished_ = true;
      return {};
    }
    STACK_TRY(open(file));
    STACK_TRY(write(file, *bytes, piece.offset));
    if (--file.pieces_left > 0) return {};
    return finish(file, wanted);
  }

  Result<void> open(Incoming& file) {
    const std::scoped_lock lock(file.opening);
    if (file.fd) return {};
    file.written = scratch_.next_path("object");
    file.fd.reset(::open(file.written.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    return file.fd ? Result<void>{} : cache_error("create", file.written, errno);
  }

  static Result<void> write(const Incoming& file, std::string_view bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
      const ssize_t n = ::pwrite(file.fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return cache_error("write", file.written, errno);
      bytes.remove_prefix(static_cast<std::size_t>(n));
      offset += static_cast<std::uint64_t>(n);
    }
    return {};
  }

  static Result<void> finish(Incoming& file, const ObjectFetch& wanted) {
    // Pieces are written in any order: after a power cut a file of the right size could have holes.
    if (wanted.object->size > kPiece && ::fdatasync(file.fd.get()) != 0)
      return cache_error("write", file.written, errno);
    file.fd.reset();
    std::error_code error;
    fs::create_directories(wanted.path.parent_path(), error);
    if (error) return cache_error("create", wanted.path.parent_path(), error.value());
    fs::rename(file.written, wanted.path, error);
    if (error) return cache_error("create", wanted.path, error.value());
    return {};
  }

  void give_up(Error error) {
    const std::scoped_lock lock(error_mutex_);
    if (!error_) error_ = std::move(error);
    ended_ = true;
  }

  ObjectStore& store_;
  const std::vector<ObjectFetch>& wanted_;
  ScratchFolder& scratch_;
  const StopFlag& stop_;
  std::vector<Incoming> files_;
  std::vector<Piece> pieces_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> ended_{false};
  std::atomic<bool> vanished_{false};
  std::mutex error_mutex_;
  std::optional<Error> error_;
};

}  // namespace

Result<bool> fetch_objects(ObjectStore& store, const std::vector<ObjectFetch>& wanted, ScratchFolder& scratch,
                           unsigned threads, const StopFlag& stop) {
  Fetching fetching(store, wanted, scratch, stop);
  {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < std::min<std::size_t>(threads, fetching.pieces()); ++i)
      others.emplace_back([&] { fetching.work(); });
    fetching.work();
  }
  return fetching.result();
}

}  // namespace stack::lake
