// `stack query --engine athena`: the engine from the settings, what is shown while a query runs, and what it has cost.
// Thread-safety: one thread. Failure: ErrorKind::usage for options that are wrong or not Athena's; as AthenaEngine.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "app/command.hpp"
#include "app/progress.hpp"
#include "app/query_answers.hpp"
#include "core/result.hpp"
#include "query/athena_engine.hpp"

namespace stack::app {

class AthenaQuery {
 public:
  // CONTEXT and PROGRESS outlive it.
  [[nodiscard]] static Result<std::unique_ptr<AthenaQuery>> open(const Context& context, Progress& progress);

  [[nodiscard]] query::AthenaEngine& engine() { return engine_; }
  // Time, bytes and cost of each query: a line for the user, and members of the JSON object.
  [[nodiscard]] AnswerNotes notes();
  // The workgroup's last queries, on standard output.
  [[nodiscard]] Result<void> print_history(std::uint64_t most, const AnswerForm& form);

 private:
  struct Live;
  AthenaQuery(const Context& context, Progress& progress, std::unique_ptr<aws::ServiceClient> client,
              std::unique_ptr<aws::ServiceClient> stopper, query::AthenaOptions options);
  [[nodiscard]] bool watch(const query::AthenaExecution& seen);
  void tell() const;

  const Context& context_;
  Progress& progress_;
  std::unique_ptr<aws::ServiceClient> client_;
  std::unique_ptr<aws::ServiceClient> stopper_;
  std::string workgroup_;
  std::shared_ptr<Live> live_;
  bool shown_ = false;  // the live line
  query::AthenaEngine engine_;
};

// ErrorKind::usage for an option of Athena's on the command line of another engine's query.
[[nodiscard]] Result<void> check_athena_options(const Settings& settings);

}  // namespace stack::app
