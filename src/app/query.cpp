// stack query: SQL, from the command line, a file or the ready-made ones, over the catalog.
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "app/command.hpp"
#include "app/engine_choice.hpp"
#include "app/engine_settings.hpp"
#include "app/json_object.hpp"
#include "app/lake_location.hpp"
#include "app/open_catalog.hpp"
#include "app/progress.hpp"
#include "query/duckdb_engine.hpp"
#include "query/print.hpp"
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

query::PrintOptions print_options(query::OutputFormat format) {
  query::PrintOptions options{.format = format};
  if (::isatty(STDOUT_FILENO) == 1) {
    winsize size{};
    options.box = true;
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) options.width = size.ws_col;
  }
  return options;
}

// As head does when it has enough: what is left to ask would be written to nobody.
bool reader_has_gone() { return std::ferror(stdout) != 0; }

Result<void> print_answers(query::QueryEngine& engine, const std::vector<std::string>& statements,
                           query::OutputFormat format) {
  for (const auto& statement : statements) {
    if (reader_has_gone()) break;
    STACK_TRY_ASSIGN(result, engine.run(statement));
    STACK_TRY(query::print_result(*result, print_options(format), stdout));
  }
  return {};
}

// One object: the result of one statement, or {"results":[…]} of a file of several.
Result<void> print_answers_as_object(query::QueryEngine& engine, const std::vector<std::string>& statements,
                                     const Clock& clock) {
  const bool several = statements.size() > 1;
  for (std::size_t i = 0; i < statements.size() && !reader_has_gone(); ++i) {
    const auto started = clock.steady();
    STACK_TRY_ASSIGN(result, engine.run(statements[i]));
    if (several) std::fputs(i == 0 ? "{\"results\":[\n" : ",\n", stdout);
    STACK_TRY(query::print_object(
        *result, [&] { return std::chrono::duration<double>(clock.steady() - started).count(); }, stdout));
  }
  std::fputs(several ? "]}\n" : "\n", stdout);
  return {};
}

// What --output asks for, and --json: one object, which has its rows as JSON.
Result<query::OutputFormat> output_format(const Settings& settings) {
  const bool json = settings.flag("json");
  const auto output = settings.text("output");
  const auto format = query::parse_output_format(output.empty() ? (json ? "json" : "table") : output);
  if (!format) return std::unexpected(settings.wrong("output", "one of table, csv, json"));
  if (json && *format != query::OutputFormat::json)
    return fail(ErrorKind::usage,
                fmt::format("--json prints one JSON object and --output {} does not: choose one", output));
  return *format;
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
  STACK_TRY(engine_choice(context.settings, kQueryEngines, kCrawlEngines));
  STACK_TRY_ASSIGN(format, output_format(context.settings));
  const auto database = context.settings.text("database");
  STACK_TRY_ASSIGN(question, question_of(context));
  STACK_TRY_ASSIGN(uri, existing_lake_uri(context.settings));
  STACK_TRY_ASSIGN(store, open_lake(context.settings, uri, LakeUse::read, context.clock));
  STACK_TRY_ASSIGN(catalog, open_catalog(context.settings, *store, context.clock));
  if (question.ready != nullptr) {
    STACK_TRY_ASSIGN(simulated_bars, catalog->find(database, "simulated_bars"));
    question.sql = query::sql_for(*question.ready, simulated_bars.has_value());
  }
  STACK_TRY_ASSIGN(options, engine_options(context.settings, uri));
  STACK_TRY_ASSIGN(engine, query::DuckdbEngine::open(*catalog, *store, options, context.stop));
  const auto statements = query::split_statements(question.sql);
  if (statements.empty()) return fail(ErrorKind::query, "there is no statement in the SQL given");
  for (const auto& caveat : engine->caveats(question.sql)) progress.warn(caveat);
  if (json)
    STACK_TRY(print_answers_as_object(*engine, statements, context.clock));
  else
    STACK_TRY(print_answers(*engine, statements, format));
  return 0;
}

}  // namespace stack::app
