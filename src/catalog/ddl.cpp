#include "catalog/ddl.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/hive_format.hpp"

namespace stack::catalog {
namespace {

// Hive's DDL quotes names with backquotes.
std::string quoted_name(std::string_view name) {
  std::string out = "`";
  for (const char c : name) out.append(c == '`' ? 2 : 1, c);
  return out + '`';
}

std::string literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + '\'';
}

bool on_s3(const Table& table) { return table.location.starts_with("s3://"); }

std::string s3_location(const Table& table) {
  return on_s3(table) ? table.location : "s3://YOUR-BUCKET/YOUR-PREFIX/" + table.folder;
}

// Partitions a statement: Athena takes at most 256 KB of SQL at once.
constexpr std::size_t kPartitionsPerStatement = 500;

// Those that a statement can add: of several with the same values the first.
std::vector<const Partition*> distinct_partitions(const Table& table) {
  const std::vector<const Partition*> repeated = repeated_partitions(table);
  std::vector<const Partition*> distinct;
  for (const Partition& partition : table.partitions) {
    if (std::ranges::find(repeated, &partition) == repeated.end()) distinct.push_back(&partition);
  }
  return distinct;
}

void append_partitions(std::string& out, const Table& table) {
  const std::string name = quoted_name(table.database) + '.' + quoted_name(table.name);
  const std::vector<const Partition*> partitions = distinct_partitions(table);
  for (std::size_t at = 0; at < partitions.size(); at += kPartitionsPerStatement) {
    out += fmt::format("\nALTER TABLE {} ADD IF NOT EXISTS", name);
    const std::size_t end = std::min(at + kPartitionsPerStatement, partitions.size());
    for (std::size_t i = at; i < end; ++i) {
      const Partition& partition = *partitions[i];
      std::string values;
      for (std::size_t k = 0; k < table.partition_keys.size(); ++k)
        values += fmt::format("{}{} = {}", k == 0 ? "" : ", ", quoted_name(table.partition_keys[k]),
                              literal(partition.values[k]));
      out += fmt::format("\n  PARTITION ({}) LOCATION {}", values,
                         literal(s3_location(table) + '/' + partition.path + '/'));
    }
    out += ";\n";
  }
}

std::string serde_clause(const Table& table) {
  const HiveFormat& format = hive_format(table.format);
  std::string out = fmt::format("ROW FORMAT SERDE '{}'\n", format.serde);
  if (table.format == TableFormat::ndjson && table.malformed_lines > 0)
    out += fmt::format("WITH SERDEPROPERTIES ('{}' = 'true')\n", kIgnoreMalformed);
  return out + fmt::format("STORED AS INPUTFORMAT '{}'\nOUTPUTFORMAT '{}'\n", format.input, format.output);
}

std::string comments(const Table& table) {
  std::string out;
  if (!on_s3(table))
    out += fmt::format("-- This lake is the folder {}: copy it to Amazon S3 and put its address below.\n",
                       table.location.substr(0, table.location.size() - table.folder.size()));
  if (table.mixed_formats) out += "-- The table holds NDJSON and Parquet files; Athena reads one format a table.\n";
  if (table.unpartitioned_files > 0)
    out +=
        fmt::format("-- {} of its files are in no partition: Athena does not read them.\n", table.unpartitioned_files);
  for (const Partition* partition : repeated_partitions(table))
    out += fmt::format("-- {}/ has the values of another partition: Athena does not read it.\n", partition->path);
  for (const std::string& file : table.unreadable_files)
    out += fmt::format("-- {} cannot be read: Athena's queries fail until it is mended or removed.\n", file);
  return out;
}

}  // namespace

std::string athena_ddl(const Table& table) {
  std::string out = comments(table);
  out +=
      fmt::format("CREATE EXTERNAL TABLE IF NOT EXISTS {}.{} (", quoted_name(table.database), quoted_name(table.name));
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    out += fmt::format("{}\n  {} {}", i == 0 ? "" : ",", quoted_name(table.columns[i].name),
                       hive_name(table.columns[i].type));
  out += "\n)\n";
  if (!table.partition_keys.empty()) {
    out += "PARTITIONED BY (";
    for (std::size_t i = 0; i < table.partition_keys.size(); ++i)
      out += fmt::format("{}{} string", i == 0 ? "" : ", ", quoted_name(table.partition_keys[i]));
    out += ")\n";
  }
  out += serde_clause(table);
  out += fmt::format("LOCATION {}\nTBLPROPERTIES (", literal(s3_location(table) + '/'));
  for (auto it = table.parameters.begin(); it != table.parameters.end(); ++it)
    out +=
        fmt::format("{}{} = {}", it == table.parameters.begin() ? "" : ", ", literal(it->first), literal(it->second));
  out += ");\n";
  append_partitions(out, table);
  return out;
}

}  // namespace stack::catalog
