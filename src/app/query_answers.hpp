// The answers to a query command's statements, on standard output in the form that was asked for.
// Thread-safety: one thread. Failure: as the engine's and the printers'.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/settings.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "query/engine.hpp"
#include "query/print.hpp"

namespace stack::app {

struct AnswerForm {
  query::OutputFormat format = query::OutputFormat::table;
  bool object = false;  // --json: one object, {"results":[…]} of a file of several statements
};
// What --output and --json ask for.
[[nodiscard]] Result<AnswerForm> answer_form(const Settings& settings);

// What an engine has to say of the statement that was answered last; both may be empty.
struct AnswerNotes {
  std::function<void()> told = {};            // to the user, when the answer is written
  std::function<std::string()> members = {};  // of the object: "a":1,"b":2
};

// PARAMETERS are those of each statement.
[[nodiscard]] Result<void> print_answers(query::QueryEngine& engine, const std::vector<std::string>& statements,
                                         const std::vector<query::Parameter>& parameters, const AnswerForm& form,
                                         const AnswerNotes& notes, const Clock& clock);

// One result that is there already and took SECONDS.
[[nodiscard]] Result<void> print_answer(query::ResultTable& result, const AnswerForm& form, double seconds);

// The values of --param, in order.
[[nodiscard]] Result<std::vector<query::Parameter>> query_parameters(const Settings& settings);

}  // namespace stack::app
