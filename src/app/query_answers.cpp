#include "app/query_answers.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "app/terminal.hpp"

namespace stack::app {
namespace {

query::PrintOptions print_options(query::OutputFormat format) {
  query::PrintOptions options{.format = format};
  if (::isatty(STDOUT_FILENO) == 1) {
    options.box = true;
    if (const auto width = terminal_width(STDOUT_FILENO)) options.width = *width;
  }
  return options;
}

// As head does when it has enough: what is left to ask would be written to nobody.
bool reader_has_gone() { return std::ferror(stdout) != 0; }

Result<void> print_object(query::QueryEngine& engine, const std::string& statement,
                          const std::vector<query::Parameter>& parameters, std::string_view before,
                          const AnswerNotes& notes, const Clock& clock) {
  const auto started = clock.steady();
  STACK_TRY_ASSIGN(result, engine.run(statement, parameters));
  std::fwrite(before.data(), 1, before.size(), stdout);
  STACK_TRY(query::print_object(
      *result, [&] { return std::chrono::duration<double>(clock.steady() - started).count(); }, stdout, notes.members));
  return {};
}

}  // namespace

Result<AnswerForm> answer_form(const Settings& settings) {
  const bool json = settings.flag("json");
  const auto output = settings.text("output");
  const auto format = query::parse_output_format(output.empty() ? (json ? "json" : "table") : output);
  if (!format) return std::unexpected(settings.wrong("output", "one of table, csv, json"));
  if (json && *format != query::OutputFormat::json)
    return fail(ErrorKind::usage,
                fmt::format("--json prints one JSON object and --output {} does not: choose one", output));
  return AnswerForm{*format, json};
}

Result<void> print_answers(query::QueryEngine& engine, const std::vector<std::string>& statements,
                           const std::vector<query::Parameter>& parameters, const AnswerForm& form,
                           const AnswerNotes& notes, const Clock& clock) {
  const bool several = statements.size() > 1;
  for (std::size_t i = 0; i < statements.size() && !reader_has_gone(); ++i) {
    if (form.object) {
      const std::string_view before = !several ? "" : i == 0 ? "{\"results\":[\n" : ",\n";
      STACK_TRY(print_object(engine, statements[i], parameters, before, notes, clock));
    } else {
      STACK_TRY_ASSIGN(result, engine.run(statements[i], parameters));
      STACK_TRY(query::print_result(*result, print_options(form.format), stdout));
    }
    if (notes.told) notes.told();
  }
  if (form.object) std::fputs(several ? "]}\n" : "\n", stdout);
  return {};
}

Result<void> print_answer(query::ResultTable& result, const AnswerForm& form, double seconds) {
  if (form.object) {
    STACK_TRY(query::print_object(
        result, [seconds] { return seconds; }, stdout));
    std::fputs("\n", stdout);
    return {};
  }
  STACK_TRY(query::print_result(result, print_options(form.format), stdout));
  return {};
}

Result<std::vector<query::Parameter>> query_parameters(const Settings& settings) {
  std::vector<query::Parameter> parameters;
  if (!settings.given("param")) return parameters;
  // Values come joined by newlines; an empty one is a value too.
  std::string_view rest;
  const std::string all = settings.text("param");
  for (rest = all;;) {
    const auto end = std::min(rest.find('\n'), rest.size());
    auto parsed = query::parse_parameter(rest.substr(0, end));
    if (!parsed) return std::unexpected(std::move(parsed).error().within("--param"));
    parameters.push_back(*std::move(parsed));
    if (end == rest.size()) return parameters;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace stack::app
