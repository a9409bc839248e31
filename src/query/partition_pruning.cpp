#include "query/partition_pruning.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "catalog/hive_type.hpp"

namespace stack::query {
namespace {

namespace db = duckdb_embedded;
using db::quote_identifier;
using db::quote_literal;

constexpr std::string_view kBranch = "partition_of_lake_";
// A column of every branch's table, for partition values that are not known beforehand.
constexpr std::string_view kUnknownValue = "partition value";

// Rules that rewrite a statement by its text and constants alone. Others look at the rows that there are, and there are
// none here.
constexpr std::array<std::string_view, 7> kRules = {
    "expression_rewriter", "filter_pullup", "filter_pushdown", "cte_filter_pusher",
    "empty_result_pullup", "cte_inlining",  "in_clause"};

Result<std::vector<std::string>> texts(db::Connection& connection, const std::string& sql, std::size_t column) {
  std::vector<std::string> out;
  STACK_TRY_ASSIGN(result, connection.query(sql));
  while (true) {
    STACK_TRY_ASSIGN(chunk, result.next());
    if (!chunk) return out;
    for (std::size_t row = 0; row < chunk->rows(); ++row) out.emplace_back(chunk->text(column, row));
  }
}

Result<void> restrict_rules(db::Connection& connection) {
  STACK_TRY_ASSIGN(rules, texts(connection, "SELECT name FROM duckdb_optimizers()", 0));
  std::erase_if(rules, [](const std::string& rule) { return std::ranges::find(kRules, rule) != kRules.end(); });
  return connection.run(fmt::format("SET disabled_optimizers = '{}'", fmt::join(rules, ",")));
}

// As DuckDB takes a value from a folder's name: escapes undone, one name standing for NULL. Such values are left open.
bool is_plain(const std::string& value) {
  return value.find('%') == std::string::npos && value != "__HIVE_DEFAULT_PARTITION__" && !value.empty();
}

}  // namespace

Result<PartitionPruner> PartitionPruner::open(const std::string& database, const std::vector<catalog::Table>& tables) {
  STACK_TRY_ASSIGN(opened, db::Database::open({.path = "",
                                               .settings = {{"threads", "1"},
                                                            {"enable_external_access", "false"},
                                                            {"autoinstall_known_extensions", "false"},
                                                            {"autoload_known_extensions", "false"}}}));
  STACK_TRY_ASSIGN(connection, opened.connect());
  PartitionPruner pruner(std::move(opened), std::move(connection));
  STACK_TRY(pruner.connection_.run(fmt::format("CREATE SCHEMA {}", quote_identifier(database))));
  STACK_TRY(pruner.connection_.run("BEGIN"));
  for (const catalog::Table& table : tables) STACK_TRY(pruner.add(table));
  STACK_TRY(pruner.connection_.run("COMMIT"));
  STACK_TRY(restrict_rules(pruner.connection_));
  STACK_TRY(pruner.connection_.run(
      fmt::format("SET TimeZone = 'UTC'; SET schema = {}; SET lock_configuration = true", quote_literal(database))));
  return pruner;
}

// The part of TABLE's view that PARTITION is; null: the files in none. Adds the making of its table to MADE.
std::string PartitionPruner::branch_sql(const catalog::Table& table, const catalog::Partition* partition,
                                        std::string& made) {
  const std::string name = fmt::format("{}{}", kBranch, branches_.size());
  branches_.push_back({table.name, partition == nullptr ? std::string{} : partition->path});
  std::string columns = fmt::format("{} VARCHAR", quote_identifier(kUnknownValue));
  std::vector<std::string> selected;
  for (const catalog::Column& column : table.columns) {
    const std::string quoted = quote_identifier(column.name);
    // A column of the same name as ours only makes the value unknown.
    if (column.name != kUnknownValue) columns += fmt::format(", {} {}", quoted, duckdb_name(column.type));
    selected.push_back(quoted);
  }
  for (std::size_t i = 0; i < table.partition_keys.size(); ++i) {
    const bool known = partition == nullptr || is_plain(partition->values[i]);
    const std::string value = !known                 ? quote_identifier(kUnknownValue)
                              : partition == nullptr ? "NULL::VARCHAR"
                                                     : quote_literal(partition->values[i]);
    selected.push_back(fmt::format("{} AS {}", value, quote_identifier(table.partition_keys[i])));
  }
  if (selected.empty()) selected.emplace_back("NULL AS \"empty\"");
  made += fmt::format("CREATE TABLE main.{} ({});", name, columns);
  return fmt::format("SELECT {} FROM main.{}", fmt::join(selected, ", "), name);
}

Result<void> PartitionPruner::add(const catalog::Table& table) {
  std::string made;
  std::vector<std::string> parts{branch_sql(table, nullptr, made)};
  for (const catalog::Partition& partition : table.partitions) parts.push_back(branch_sql(table, &partition, made));
  return connection_.run(fmt::format("{} CREATE VIEW {}.{} AS {}", made, quote_identifier(table.database),
                                     quote_identifier(table.name), fmt::join(parts, " UNION ALL ")));
}

PartitionsByTable PartitionPruner::all_partitions() const {
  PartitionsByTable all;
  for (const Branch& branch : branches_) all[branch.table].insert(branch.partition);
  return all;
}

Result<PartitionsByTable> PartitionPruner::partitions_read(const std::string& sql) {
  STACK_TRY(functions_.provide(sql, connection_));
  STACK_TRY_ASSIGN(plans, texts(connection_, fmt::format("EXPLAIN (FORMAT JSON) {}", sql), 1));
  // A statement that is carried out as several has no plan of its own.
  if (plans.empty()) return all_partitions();
  PartitionsByTable read;
  for (const std::string& plan : plans) {
    // A name that the statement's own text holds only reads more than is needed.
    for (std::size_t at = plan.find(kBranch); at != std::string::npos; at = plan.find(kBranch, at + 1)) {
      std::size_t branch = branches_.size();
      const std::string_view number = std::string_view(plan).substr(at + kBranch.size());
      std::from_chars(number.data(), number.data() + number.size(), branch);
      if (branch < branches_.size()) read[branches_[branch].table].insert(branches_[branch].partition);
    }
  }
  return read;
}

}  // namespace stack::query
