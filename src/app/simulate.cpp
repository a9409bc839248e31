// stack simulate: the feed's events to standard output or to a file; no broker.
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "app/command.hpp"
#include "app/feed_settings.hpp"
#include "app/injected_faults.hpp"
#include "app/json_object.hpp"
#include "app/output_file.hpp"
#include "app/pace_settings.hpp"
#include "app/progress.hpp"
#include "duckdb/database.hpp"
#include "market/feed.hpp"
#include "publish/pace.hpp"

namespace stack::app {
namespace {

enum class OutputFormat { ndjson, csv, parquet };

struct Counts {
  std::atomic<std::uint64_t> events{0};
  std::atomic<std::uint64_t> bytes{0};
};

// What can be told of the place before the work is done.
Result<void> check_place(const Settings& settings, const std::string& path, OutputFormat format) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (format == OutputFormat::parquet && fs::exists(path, ignored) && !fs::is_regular_file(path, ignored))
    return std::unexpected(settings.wrong("events-file", "a file, and Parquet wants one: -o ticks.parquet"));
  const auto folder = fs::path{path}.parent_path();
  if (!folder.empty() && !fs::is_directory(folder, ignored))
    return fail(ErrorKind::storage,
                fmt::format("{}: cannot be written: there is no folder {}; make it, or choose another place with -o",
                            path, folder.string()));
  return {};
}

Result<OutputFormat> output_format(const Settings& settings, const std::string& path) {
  if (settings.given("events-format")) {
    STACK_TRY_ASSIGN(name, settings.choice("events-format", {"ndjson", "csv", "parquet"}));
    return name == "csv" ? OutputFormat::csv : name == "parquet" ? OutputFormat::parquet : OutputFormat::ndjson;
  }
  const auto extension = std::filesystem::path{path}.extension();
  if (path.empty() || path == "-" || extension == ".ndjson" || extension == ".jsonl" || extension == ".json")
    return OutputFormat::ndjson;
  if (extension == ".csv") return OutputFormat::csv;
  if (extension == ".parquet") return OutputFormat::parquet;
  return std::unexpected(
      settings.wrong("events-file", "a file name that ends in .ndjson, .csv or .parquet (or say --format)"));
}

// Writes the feed's lines; true when all of them were.
Result<bool> write_lines(const Context& context, const std::shared_ptr<const market::FeedPlan>& plan,
                         market::Encoding encoding, OutputFile& output, Counts& counts) {
  STACK_TRY_ASSIGN(pace, parse_pace(context.settings, context.clock));
  STACK_TRY_ASSIGN(pacer, publish::Pacer::make(pace, *plan, context.clock));
  STACK_TRY_ASSIGN(threads, feed_threads(context.settings));
  market::FeedReader reader{plan, {.encoding = encoding, .first_position = 0, .threads = threads}};
  STACK_TRY_ASSIGN(header_taken, output.write(plan->header(encoding)));
  if (!header_taken) return true;
  while (const auto batch = reader.next()) {
    std::size_t done = 0;
    while (done < batch->size()) {
      if (context.stop.requested()) return false;
      const std::size_t due = pacer.due(*batch, done);
      if (due == 0) {
        pacer.wait(*batch, done);
        continue;
      }
      const auto text = batch->text().substr(batch->offsets[done], batch->offsets[done + due] - batch->offsets[done]);
      STACK_TRY_ASSIGN(taken, output.write(text));
      if (!taken) return true;
      done += due;
      counts.events += due;
      counts.bytes += text.size();
      if (done < batch->size()) pacer.wait(*batch, done);
    }
  }
  return true;
}

Result<void> convert_to_parquet(const std::string& ndjson, const std::string& path, const market::FeedPlan& plan) {
  STACK_TRY_ASSIGN(database, duckdb_embedded::Database::open({}));
  STACK_TRY_ASSIGN(connection, database.connect());
  const std::string columns =
      plan.sample() == nullptr
          ? fmt::format(
                ", columns = {{symbol: 'VARCHAR', session_date: 'DATE', event_time: 'TIMESTAMP', seq: 'BIGINT', "
                "price: 'DOUBLE', size: 'BIGINT'{}}}",
                plan.options().quotes ? ", bid: 'DOUBLE', ask: 'DOUBLE'" : "")
          : ", sample_size = -1";  // a type inferred from the first rows alone would round later ones
  STACK_TRY(connection.run(
      fmt::format("COPY (SELECT * FROM read_json({}, format = 'newline_delimited', hive_partitioning = false{})) TO {} "
                  "(FORMAT parquet, COMPRESSION zstd)",
                  duckdb_embedded::quote_literal(ndjson), columns, duckdb_embedded::quote_literal(path))));
  return {};
}

std::string result_json(const std::shared_ptr<const market::FeedPlan>& plan, const Counts& counts, double seconds) {
  JsonObject object;
  object.text("feed", plan->id()).number("events", counts.events.load()).number("bytes", counts.bytes.load());
  if (plan->options().shaper) object.raw("injected", faults_json(market::injected_faults(plan, counts.events)));
  return object.seconds("seconds", seconds).str();
}

}  // namespace

Result<int> simulate_command(Context& context) {
  if (context.settings.flag("bars")) return simulate_bars_command(context);
  const auto started = context.clock.steady();
  Progress progress{context.settings};
  const std::string path = context.settings.text("events-file");
  if (std::error_code ignored; path.ends_with('/') || std::filesystem::is_directory(path, ignored))
    return std::unexpected(context.settings.wrong("events-file", "a file but a folder; name a file in it"));
  STACK_TRY_ASSIGN(format, output_format(context.settings, path));
  const bool to_file = !path.empty() && path != "-";
  if (!to_file && format == OutputFormat::parquet)
    return fail(ErrorKind::usage, "Parquet wants a file: stack simulate -o ticks.parquet");
  if (to_file) STACK_TRY(check_place(context.settings, path, format));
  if (!to_file && context.settings.flag("json"))
    return fail(ErrorKind::usage, "--json: standard output holds the events; write them to a file with -o FILE");
  STACK_TRY(parse_pace(context.settings, context.clock));  // a wrong one is said before the data set is read
  STACK_TRY_ASSIGN(plan, plan_feed(context, progress));

  if (format == OutputFormat::parquet && plan->total_events() == market::kUnlimited)
    return fail(ErrorKind::usage, "this feed goes on for ever, a Parquet file ends: say how many events with --limit");
  if (format == OutputFormat::parquet && plan->faults() != nullptr && plan->faults()->counts().malformed > 0)
    return fail(ErrorKind::usage,
                "--scenario: malformed events are no rows, which Parquet is made of; write lines: -o ticks.ndjson");

  const std::string lines_path = format == OutputFormat::parquet ? path + ".ndjson-part" : path;
  STACK_TRY_ASSIGN(output, OutputFile::open(lines_path));
  Counts counts;
  if (to_file) {
    progress.start([&] {
      return fmt::format("simulate: {} events, {}", with_commas(counts.events),
                         human_bytes(static_cast<double>(counts.bytes)));
    });
  }
  const auto encoding = format == OutputFormat::csv ? market::Encoding::csv : market::Encoding::ndjson;
  STACK_TRY_ASSIGN(complete, write_lines(context, plan, encoding, output, counts));
  if (!complete && to_file) return fail(ErrorKind::interrupted, fmt::format("stopped; {} was not written", path));
  STACK_TRY(output.finish());
  if (format == OutputFormat::parquet) {
    const std::string partial = path + ".partial";
    auto converted = convert_to_parquet(lines_path, partial, *plan);
    ::unlink(lines_path.c_str());
    if (!converted) {
      ::unlink(partial.c_str());
      return std::unexpected(std::move(converted).error().within(path));
    }
    if (::rename(partial.c_str(), path.c_str()) != 0)
      return fail(ErrorKind::storage, fmt::format("{}: cannot be completed ({})", path, std::strerror(errno)));
  }
  progress.stop();
  const double seconds = std::chrono::duration<double>(context.clock.steady() - started).count();
  if (to_file)
    progress.say(
        fmt::format("{} events of feed {} in {}, {:.1f} s", with_commas(counts.events), plan->id(), path, seconds));
  if (plan->options().shaper)
    progress.say(fmt::format("injected {}", faults_text(market::injected_faults(plan, counts.events))));
  if (context.settings.flag("json")) fmt::print("{}\n", result_json(plan, counts, seconds));
  return complete ? 0 : static_cast<int>(ErrorKind::interrupted);
}

}  // namespace stack::app
