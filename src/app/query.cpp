// stack query: SQL, from the command line, a file or the ready-made ones, over the catalog.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "app/athena_query.hpp"
#include "app/command.hpp"
#include "app/engine_choice.hpp"
#include "app/engine_settings.hpp"
#include "app/json_object.hpp"
#include "app/lake_location.hpp"
#include "app/open_catalog.hpp"
#include "app/progress.hpp"
#include "app/query_answers.hpp"
#include "query/duckdb_engine.hpp"
#include "query/ready_queries.hpp"

namespace stack::app {
namespace {

Result<std::string> read_sql_file(const std::string& path) {
  std::ifstream in{path};
  if (!in) return fail(ErrorKind::usage, fmt::format("{}: cannot be read; check the name after -f", path));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// SQL, or a ready-made query.
struct Question {
  std::string sql;
  const query::ReadyQuery* ready = nullptr;
};

Result<Question> question_of(const Context& context) {
  const auto file = context.settings.text("file");
  if (!file.empty() == !context.arguments.empty())
    return fail(ErrorKind::usage, "query wants either SQL (or a name of --list), or -f FILE");
  if (!file.empty()) {
    STACK_TRY_ASSIGN(sql, read_sql_file(file));
    return Question{std::move(sql)};
  }
  const auto& text = context.arguments.front();
  const auto known = query::ready_queries();
  const auto found = std::ranges::find(known, std::string_view{text}, &query::ReadyQuery::name);
  if (found != known.end()) return Question{.sql = {}, .ready = &*found};
  // One word is no SQL: most likely a misspelt name.
  if (text.find_first_of(" \t\n(;") == std::string::npos) return std::unexpected(query::find_ready_query(text).error());
  return Question{text};
}

Result<std::vector<std::string>> statements_of(const Question& question, query::SqlDialect dialect) {
  auto statements = query::split_statements(question.sql, dialect);
  if (statements.empty()) return fail(ErrorKind::query, "there is no statement in the SQL given");
  return statements;
}

void list_ready_queries(bool json) {
  std::string objects;
  for (const auto& ready : query::ready_queries()) {
    if (json)
      objects +=
          (objects.empty() ? "" : ",") +
          JsonObject{}.text("name", ready.name).text("description", ready.description).text("sql", ready.sql).str();
    else
      fmt::print("{:<24} {}\n", ready.name, ready.description);
  }
  if (json) fmt::print("{}\n", JsonObject{}.raw("queries", fmt::format("[{}]", objects)).str());
}

// With --engine athena; the lake is where the tables of the AWS Glue catalog say.
Result<int> answer_by_athena(Context& context, const AnswerForm& form, Progress& progress) {
  if (context.settings.on_command_line("catalog") && context.settings.text("catalog") == "lake")
    return fail(ErrorKind::usage, "--engine athena reads the tables of AWS Glue: leave --catalog lake out");
  if (context.settings.on_command_line("lake"))
    progress.warn(
        fmt::format("--lake is not looked at: Athena reads the tables of the database {} in AWS Glue, "
                    "wherever their files are",
                    context.settings.text("database")));
  STACK_TRY_ASSIGN(athena, AthenaQuery::open(context, progress));
  STACK_TRY_ASSIGN(history, context.settings.whole("history", 1, 10'000));
  if (history) {
    if (!context.arguments.empty() || context.settings.given("file"))
      return fail(ErrorKind::usage, "--history lists queries and runs none: leave the SQL out");
    STACK_TRY(athena->print_history(*history, form));
    return 0;
  }
  STACK_TRY_ASSIGN(question, question_of(context));
  STACK_TRY_ASSIGN(parameters, query_parameters(context.settings));
  if (question.ready != nullptr) {
    STACK_TRY_ASSIGN(simulated_bars, athena->engine().has_table("simulated_bars"));
    question.sql = query::sql_for(*question.ready, simulated_bars);
  }
  STACK_TRY_ASSIGN(statements, statements_of(question, query::SqlDialect::athena));
  STACK_TRY(print_answers(athena->engine(), statements, parameters, form, athena->notes(), context.clock));
  return 0;
}

}  // namespace

Result<int> query_command(Context& context) {
  const bool json = context.settings.flag("json");
  if (context.settings.flag("list")) {
    list_ready_queries(json);
    return 0;
  }
  Progress progress{context.settings};
  STACK_TRY(catalog_place(context.settings));
  STACK_TRY_ASSIGN(by, engine_choice(context.settings, kQueryEngines, kCrawlEngines));
  STACK_TRY_ASSIGN(form, answer_form(context.settings));
  if (by == "athena") return answer_by_athena(context, form, progress);
  STACK_TRY(check_athena_options(context.settings));
  STACK_TRY_ASSIGN(parameters, query_parameters(context.settings));
  const auto database = context.settings.text("database");
  STACK_TRY_ASSIGN(question, question_of(context));
  STACK_TRY_ASSIGN(uri, lake_to_read(context.settings, progress));
  STACK_TRY_ASSIGN(store, open_lake(context.settings, uri, LakeUse::read, context.clock, &context.stop));
  STACK_TRY_ASSIGN(catalog, open_catalog(context.settings, *store, context.clock, &context.stop));
  if (question.ready != nullptr) {
    STACK_TRY_ASSIGN(simulated_bars, catalog->find(database, "simulated_bars"));
    question.sql = query::sql_for(*question.ready, simulated_bars.has_value());
  }
  STACK_TRY_ASSIGN(options, engine_options(context.settings, uri));
  STACK_TRY_ASSIGN(engine, query::DuckdbEngine::open(*catalog, *store, options, context.stop));
  STACK_TRY_ASSIGN(statements, statements_of(question, query::SqlDialect::duckdb));
  for (const auto& caveat : engine->caveats(question.sql)) progress.warn(caveat);
  STACK_TRY(print_answers(*engine, statements, parameters, form, {}, context.clock));
  return 0;
}

}  // namespace stack::app
