// stack query: SQL, from the command line, a file or the ready-made ones, over the catalog.
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "app/command.hpp"
#include "app/lake_location.hpp"
#include "app/names.hpp"
#include "catalog/lake_catalog.hpp"
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

// The text to run: SQL, or the name of a ready-made query.
Result<std::string> sql_of(const Context& context) {
  const auto file = context.settings.text("file");
  if (!file.empty() == !context.arguments.empty())
    return fail(ErrorKind::usage, "query wants either SQL (or a name of --list), or -f FILE");
  if (!file.empty()) return read_sql_file(file);
  const auto& text = context.arguments.front();
  const auto known = query::ready_queries();
  const auto found = std::ranges::find(known, std::string_view{text}, &query::ReadyQuery::name);
  if (found != known.end()) return std::string{found->sql};
  if (text.find_first_of(" \t\n(;") == std::string::npos) {
    // One word is no SQL: most likely a misspelt name.
    STACK_TRY_ASSIGN(ready, query::find_ready_query(text));
    return std::string{ready.sql};
  }
  return text;
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

}  // namespace

Result<int> query_command(Context& context) {
  if (context.settings.flag("list")) {
    for (const auto& ready : query::ready_queries()) fmt::print("{:<24} {}\n", ready.name, ready.description);
    return 0;
  }
  STACK_TRY(context.settings.choice("catalog", {"lake"}));
  STACK_TRY(check_database(context.settings));
  STACK_TRY(context.settings.choice("engine", {"duckdb"}));
  auto output = context.settings.text("output");
  if (output.empty()) output = context.settings.flag("json") ? "json" : "table";
  const auto format = query::parse_output_format(output);
  if (!format) return std::unexpected(context.settings.wrong("output", "one of table, csv, json"));
  STACK_TRY_ASSIGN(sql, sql_of(context));
  STACK_TRY_ASSIGN(uri, existing_lake_uri(context.settings));
  STACK_TRY_ASSIGN(store, open_lake(uri, LakeUse::read));
  catalog::LakeCatalog catalog{*store};
  STACK_TRY_ASSIGN(engine, query::DuckdbEngine::open(catalog, *store, {.database = context.settings.text("database")},
                                                     context.stop));
  const auto statements = query::split_statements(sql);
  if (statements.empty()) return fail(ErrorKind::query, "there is no statement in the SQL given");
  for (const auto& statement : statements) {
    STACK_TRY_ASSIGN(result, engine->run(statement));
    STACK_TRY(query::print_result(*result, print_options(*format), stdout));
  }
  return 0;
}

}  // namespace stack::app
