#include "app/run_summary.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "app/injected_faults.hpp"
#include "app/json_object.hpp"
#include "app/tables.hpp"
#include "app/terminal.hpp"
#include "catalog/catalog.hpp"
#include "catalog/data_file.hpp"
#include "duckdb/database.hpp"
#include "market/replay_plan.hpp"
#include "query/duckdb_engine.hpp"
#include "query/output_stream.hpp"
#include "query/print.hpp"
#include "query/ready_queries.hpp"

namespace stack::app {
namespace {

// With the broker beside it, a run stays within the gigabyte of a small machine.
constexpr std::uint64_t kAnswerMemory = 256ULL << 20;

constexpr std::string_view kBesideBars = R"(SELECT t.symbol, t.session_date,
       t.open, b.open AS bar_open, t.high, b.high AS bar_high, t.low, b.low AS bar_low, t.close, b.close AS bar_close,
       t.volume, CAST(b.volume AS BIGINT) AS bar_volume
FROM (SELECT symbol, session_date, min_by(price, seq) AS open, max(price) AS high, min(price) AS low,
             max_by(price, seq) AS close, CAST(sum(size) AS BIGINT) AS volume
      FROM ticks WHERE {} GROUP BY symbol, session_date ORDER BY session_date DESC, symbol LIMIT 10) t
LEFT JOIN {} b ON b.symbol = t.symbol AND b.date = t.session_date
ORDER BY t.session_date DESC, t.symbol)";

// Nothing to ask where the lake holds no events yet.
Result<std::vector<Answer>> answers_of(const RunSummary& summary, catalog::Catalog& catalog,
                                       const std::string& database) {
  STACK_TRY_ASSIGN(table, catalog.find(database, catalog::table_name_of(summary.table)));
  return table ? run_answers(summary, *table) : std::vector<Answer>{};
}

std::string line(std::string_view stage, std::string_view what, double seconds, double per_second) {
  std::string text = fmt::format("  {:<9} {}", stage, what);
  if (seconds >= 0) text += fmt::format("  {:.1f} s", seconds);
  if (per_second > 0) text += fmt::format(", {}", human_rate(per_second));
  return text + "\n";
}

double rate(std::uint64_t count, double seconds) { return seconds > 0 ? static_cast<double>(count) / seconds : 0; }

// The bars that the feed was made from, and those that it is made of.
std::string bars_text(const RunSummary& summary) {
  const auto& plan = *summary.plan;
  const auto& history = plan.history();
  const auto& simulated = plan.selection();
  std::string text = fmt::format("feed {}: {} to {}, {}\n", plan.id(), format_date(simulated.first),
                                 format_date(simulated.last), fmt::join(plan.symbols(), ", "));
  const auto skipped = history.dataset->skipped_count();
  const bool by_model = market::is_model(plan.options().mode);
  text +=
      line("bars",
           fmt::format("{} of {}{}{}", with_commas(history.bar_count), summary.data,
                       by_model ? fmt::format(", {} to {}", format_date(history.first), format_date(history.last)) : "",
                       skipped == 0 ? "" : fmt::format(", {} bad rows skipped", with_commas(skipped))),
           -1, 0);
  if (by_model)
    text += line("simulated",
                 fmt::format("{} bars in {} sessions by {}, seed {}", with_commas(simulated.bar_count),
                             with_commas(simulated.slices.front().bars.size()), market::mode_name(plan.options().mode),
                             plan.options().seed),
                 -1, 0);
  return text;
}

std::string selection_json(const market::Selection& selection) {
  return JsonObject{}
      .number("bars", selection.bar_count)
      .text("first", format_date(selection.first))
      .text("last", format_date(selection.last))
      .str();
}

// A scenario's shocks of whole sessions change bars, and ticks follow these; others change ticks alone.
bool shaped_within_sessions(const market::FeedPlan& plan) {
  if (plan.replay() == nullptr) return false;
  return plan.faults() != nullptr ||
         std::ranges::any_of(plan.replay()->symbols(),
                             [](const market::SymbolPlan& symbol) { return !symbol.shaped.empty(); });
}

Result<std::string> answer_json(query::QueryEngine& engine, const Answer& answer) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* memory = ::open_memstream(&text, &size);
  auto result = engine.run(answer.sql);
  Result<std::uint64_t> printed = 0;
  if (result) printed = query::print_result(**result, {.format = query::OutputFormat::json}, memory);
  std::fclose(memory);
  const std::unique_ptr<char, decltype(&std::free)> owned{text, &std::free};
  if (!result) return std::unexpected(std::move(result).error());
  if (!printed) return std::unexpected(std::move(printed).error());
  std::string rows{text, size};
  std::erase(rows, '\n');  // between rows; within strings they are escaped
  return JsonObject{}.text("name", answer.title).text("sql", answer.sql).raw("rows", rows).str();
}

}  // namespace

std::string last_year_of(const catalog::Table& table) {
  const auto dt = std::ranges::find(table.partition_keys, "dt");
  // Files beside the partitions have no dt, and would be left out.
  if (dt == table.partition_keys.end() || table.unpartitioned_files > 0) return "true";
  std::string last;
  for (const auto& partition : table.partitions)
    last = std::max(last, partition.values[static_cast<std::size_t>(dt - table.partition_keys.begin())]);
  const std::string year = last.substr(0, 4);
  const bool digits = year.size() == 4 && year.find_first_not_of("0123456789") == std::string::npos;
  return digits ? fmt::format("dt >= '{}'", year) : "true";
}

std::vector<Answer> run_answers(const RunSummary& summary, const catalog::Table& table) {
  if (summary.audit.rows == 0) return {};
  // Ready-made queries are about ticks, in the tables of their usual names.
  if (summary.plan->options().mode == market::Mode::sample || summary.table != "ticks")
    return {{"rows in the lake",
             fmt::format("SELECT count(*) AS \"rows\" FROM {}", duckdb_embedded::quote_identifier(table.name))}};
  const bool simulated = has_simulated_bars(*summary.plan);
  std::vector<Answer> answers = {
      {simulated ? "daily bars from ticks beside the simulated bars (the last ones)"
                 : "daily bars from ticks beside the history (the last ones)",
       fmt::format(fmt::runtime(kBesideBars), last_year_of(table), simulated ? "simulated_bars" : "bars")}};
  const auto add = [&](std::string_view title, std::string_view name, std::string_view select, std::string_view tail) {
    const auto ready = query::find_ready_query(name);
    if (!ready) return;
    std::string sql = query::sql_for(*ready, simulated);
    sql.erase(sql.find_last_not_of("; \n") + 1);
    answers.push_back({title, fmt::format("{} FROM ({}\n) {}", select, sql, tail)});
  };
  add(simulated ? "all of them: fields in which ticks and simulated bars differ"
                : "all of them: fields in which ticks and history differ",
      "simulation-vs-history", "SELECT *", "LIMIT 20");
  if (simulated)
    add("daily returns in per cent, simulation beside history", "returns-beside-history", "SELECT *", "LIMIT 20");
  add("top moves", "top-moves", "SELECT *", "LIMIT 10");
  add("volume by local hour", "volume-by-hour",
      "SELECT local_hour, CAST(sum(volume) AS BIGINT) AS volume, "
      "round(100 * sum(volume) / sum(sum(volume)) OVER (), 2) AS percent, CAST(sum(ticks) AS BIGINT) AS ticks",
      "GROUP BY local_hour ORDER BY local_hour");
  return answers;
}

Result<void> print_summary(const RunSummary& summary, lake::ObjectStore& store, catalog::Catalog& catalog,
                           query::DuckdbEngineOptions engine_options, const StopFlag& stop) {
  const auto& plan = *summary.plan;
  const auto sent = summary.produced - summary.resumed_at;
  std::string text = bars_text(summary);
  text += line(
      "produced",
      fmt::format("{} events to {} ({} partitions){}", with_commas(summary.produced), summary.topic, summary.partitions,
                  summary.resumed_at == 0 ? "" : fmt::format(", {} of them before", with_commas(summary.resumed_at))),
      summary.produce_seconds, rate(sent, summary.produce_seconds));
  text += line("landed",
               fmt::format("{} rows in {}/{}, {} dead letters", with_commas(summary.audit.rows), summary.lake,
                           summary.table, with_commas(summary.audit.dead_letters)),
               summary.land_seconds, rate(summary.sink.events, summary.land_seconds));
  text += line("crawled",
               fmt::format("{}, {}, {}", counted(summary.crawl.tables.size(), "table"),
                           counted(summary.crawl.partitions, "partition"), counted(summary.crawl.files, "file")),
               summary.crawl.seconds, 0);
  if (plan.options().shaper) text += line("injected", faults_text(summary.injected), -1, 0);
  text += line("verified", fmt::format("lost {}, duplicated {}", summary.audit.lost, summary.audit.duplicated), -1, 0);
  if (summary.cut_short())
    text += line("note", "the feed was cut short: sessions without their last ticks differ from their bars", -1, 0);
  if (shaped_within_sessions(plan))
    text += line("note", "what the scenario does within sessions is in the ticks, not in the bars", -1, 0);
  for (const auto& message : summary.audit.messages) text += fmt::format("  {}\n", message);
  // Not fmt::print, which throws when the reader has gone: the run's verdict stands all the same.
  query::OutputStream out{stdout};
  out.write(text);

  engine_options.memory_bytes = kAnswerMemory;
  STACK_TRY_ASSIGN(engine, query::DuckdbEngine::open(catalog, store, engine_options, stop));
  query::PrintOptions options;
  if (::isatty(STDOUT_FILENO) == 1) {
    options.box = true;
    if (const auto width = terminal_width(STDOUT_FILENO)) options.width = *width;
  }
  STACK_TRY_ASSIGN(answers, answers_of(summary, catalog, engine_options.database));
  for (const auto& answer : answers) {
    if (std::ferror(stdout) != 0) break;  // what is left to ask would be written to nobody
    out.write(fmt::format("\n{}\n", answer.title));
    STACK_TRY_ASSIGN(result, engine->run(answer.sql));
    STACK_TRY(query::print_result(*result, options, stdout));
  }
  out.write(fmt::format("\nall in {:.1f} s; ask more with: stack query \"SELECT …\" --lake {}\n", summary.seconds,
                        summary.lake));
  return out.check();
}

Result<std::string> summary_json(const RunSummary& summary, lake::ObjectStore& store, catalog::Catalog& catalog,
                                 query::DuckdbEngineOptions engine_options, const StopFlag& stop) {
  engine_options.memory_bytes = kAnswerMemory;
  STACK_TRY_ASSIGN(engine, query::DuckdbEngine::open(catalog, store, engine_options, stop));
  std::string queries;
  STACK_TRY_ASSIGN(answers, answers_of(summary, catalog, engine_options.database));
  for (const auto& answer : answers) {
    STACK_TRY_ASSIGN(object, answer_json(*engine, answer));
    queries += (queries.empty() ? "" : ",") + object;
  }
  JsonObject object;
  object.text("feed", summary.plan->id())
      .text("topic", summary.topic)
      .text("lake", summary.lake)
      .text("table", summary.table)
      .text("mode", market::mode_name(summary.plan->options().mode))
      .number("seed", summary.plan->options().seed)
      .raw("history", selection_json(summary.plan->history()))
      .raw("simulated",
           market::is_model(summary.plan->options().mode) ? selection_json(summary.plan->selection()) : "null")
      .number("bars", summary.plan->history().bar_count)
      .number("skipped_rows", summary.plan->history().dataset->skipped_count())
      .number("produced", summary.produced)
      .number("resumed_at", summary.resumed_at)
      .number("landed", summary.audit.rows)
      .number("dead_letters", summary.audit.dead_letters)
      .number("lost", summary.audit.lost)
      .number("duplicated", summary.audit.duplicated);
  if (summary.plan->options().shaper) object.raw("injected", faults_json(summary.injected));
  return object.number("tables", summary.crawl.tables.size())
      .number("partitions", summary.crawl.partitions)
      .number("files", summary.crawl.files)
      .number("complete", !summary.stopped)
      .seconds("seconds", summary.seconds)
      .raw("queries", fmt::format("[{}]", queries))
      .str();
}

}  // namespace stack::app
