// Errors as values. `Result<T>` is what every fallible call on an I/O or hot path returns; exceptions are
// left to start-up misuse. An `Error` names the thing that failed (file:line, option, topic/partition@offset)
// and the next step, and carries the exit code that the program documents for its kind.
// Thread-safety: plain values.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace stack {

// The documented exit codes of the program (docs/exit-codes.md).
enum class ErrorKind : int {
  failed = 1,         // a check did not hold: lost or duplicated records, a threshold missed
  usage = 2,          // unknown option, value out of range, contradictory options
  data = 3,           // the input data set is missing, empty or wrong
  unreachable = 4,    // a broker or store could not be reached before the deadline
  storage = 5,        // the lake cannot be written or read: disk full, read-only, permission
  conflict = 6,       // something that exists contradicts the request: other feed, other partitions
  query = 7,          // SQL is wrong or asks for what is locked
  access = 8,         // a server refuses this client: login, certificate, permission
  internal = 70,      // a defect of this program (EX_SOFTWARE)
  interrupted = 130,  // ended by SIGINT or SIGTERM before the work was done
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;  // one line (a few at most): what, where, what to do; never a secret

  // The same error with "<context>: " before its message.
  [[nodiscard]] Error within(std::string_view context) && {
    message.insert(0, ": ").insert(0, context);
    return std::move(*this);
  }
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return std::unexpected(Error{kind, std::move(message)});
}

}  // namespace stack

// Returns the error of EXPR from the calling function, or goes on.
#define STACK_TRY(expr)                                            \
  do {                                                             \
    if (auto stack_try_result = (expr); !stack_try_result)         \
      return std::unexpected(std::move(stack_try_result).error()); \
  } while (false)

// Declares VAR with the value of EXPR, or returns EXPR's error from the calling function.
#define STACK_TRY_ASSIGN(var, expr)                                           \
  auto var##_result = (expr);                                                 \
  if (!var##_result) return std::unexpected(std::move(var##_result).error()); \
  auto var = *std::move(var##_result)
