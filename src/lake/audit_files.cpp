#include "lake/audit_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "duckdb/database.hpp"
#include "lake/expiry.hpp"
#include "lake/lake_layout.hpp"
#include "lake/line_reader.hpp"
#include "lake/merged_files.hpp"
#include "lake/record.hpp"
#include "lake/scratch_folder.hpp"

namespace stack::lake {
namespace {

namespace db = duckdb_embedded;

std::unexpected<Error> interrupted() { return fail(ErrorKind::interrupted, "the audit was interrupted"); }

std::optional<Compression> compression_of(std::string_view extension) {
  for (const auto compression : {Compression::none, Compression::gzip, Compression::zstd}) {
    if (extension == file_extension(FileFormat::ndjson, compression)) return compression;
  }
  return std::nullopt;
}

// The ending by which a query would read KEY; none for what readers pass over.
std::optional<std::string_view> data_ending_of(std::string_view key) {
  const std::string_view file = key.substr(key.rfind('/') + 1);
  if (file.starts_with('_') || file.starts_with('.')) return std::nullopt;
  for (const std::string_view ending : {"ndjson", "ndjson.gz", "ndjson.zst", "parquet"}) {
    if (file.size() > ending.size() && file.ends_with(ending) && file[file.size() - ending.size() - 1] == '.')
      return ending;
  }
  return std::nullopt;
}

class FileCounter {
 public:
  FileCounter(ObjectStore& store, SequenceCensus& sequences, VerifyProgress& progress)
      : store_(store), sequences_(sequences), progress_(progress) {}

  Result<std::uint64_t> json_lines(const std::string& key, Compression compression) {
    std::uint64_t rows = 0;
    STACK_TRY(for_each_line(store_, key, compression, [&](std::string_view line) {
      ++rows;
      const ParsedRecord record = parser_.parse(line, 0, false);
      if (record.has_sequence) {
        sequences_.add(record.symbol, record.seq);
      } else {
        sequences_.add_without_sequence();
      }
    }));
    progress_.rows += rows;
    return rows;
  }

  Result<std::uint64_t> parquet(const std::string& key) {
    STACK_TRY(open_database());
    STACK_TRY_ASSIGN(path, local_file(key));
    const std::string source = fmt::format("read_parquet({})", db::quote_literal(path.native()));
    STACK_TRY_ASSIGN(has_sequence, has_columns(source, key));
    auto result = connection_->stream(
        fmt::format("SELECT {} FROM {}", has_sequence ? "symbol, seq" : "NULL::VARCHAR, NULL::BIGINT", source));
    if (!result) return unreadable(key, result.error());
    std::uint64_t rows = 0;
    while (true) {
      auto chunk = result->next();
      if (!chunk) return unreadable(key, chunk.error());
      if (!*chunk) break;
      rows += (*chunk)->rows();
      count(**chunk);
    }
    progress_.rows += rows;
    return rows;
  }

  Result<std::uint64_t> dead_letters(const std::string& key) {
    std::uint64_t lines = 0;
    STACK_TRY(for_each_line(store_, key, Compression::none, [&](std::string_view) { ++lines; }));
    return lines;
  }

 private:
  Result<void> open_database() {
    if (connection_) return {};
    STACK_TRY_ASSIGN(database, db::Database::open({.path = "",
                                                   .settings = {{"memory_limit", "256MiB"},
                                                                {"threads", "1"},
                                                                {"autoinstall_known_extensions", "false"},
                                                                {"autoload_known_extensions", "false"}}}));
    STACK_TRY_ASSIGN(connection, database.connect());
    database_ = std::move(database);
    connection_ = std::move(connection);
    return {};
  }

  // The object as a file of this machine; from a store elsewhere it is fetched into a scratch folder first.
  Result<std::filesystem::path> local_file(const std::string& key) {
    if (auto path = store_.local_path(key)) return *std::move(path);
    if (!scratch_) {
      STACK_TRY_ASSIGN(made, ScratchFolder::make(std::filesystem::temp_directory_path()));
      scratch_ = std::move(made);
    }
    STACK_TRY_ASSIGN(bytes, store_.get(key));
    const std::filesystem::path path = scratch_->path() / "fetched.parquet";
    STACK_TRY(replace_file(path, bytes.value_or("")));
    return path;
  }

  static Result<void> replace_file(const std::filesystem::path& path, const std::string& bytes) {
    std::FILE* file = std::fopen(path.c_str(), "wb");
    const bool written = file != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
    const bool closed = file != nullptr && std::fclose(file) == 0;
    if (written && closed) return {};
    return fail(ErrorKind::storage, fmt::format("cannot write {}", path.native()));
  }

  Result<bool> has_columns(const std::string& source, const std::string& key) {
    auto result = connection_->query(fmt::format("SELECT * FROM {} LIMIT 0", source));
    if (!result) return unreadable(key, result.error());
    bool symbol = false;
    bool seq = false;
    for (std::size_t i = 0; i < result->column_count(); ++i) {
      symbol = symbol || (result->column_name(i) == "symbol" && result->column_type(i) == DUCKDB_TYPE_VARCHAR);
      seq = seq || (result->column_name(i) == "seq" && result->column_type(i) == DUCKDB_TYPE_BIGINT);
    }
    return symbol && seq;
  }

  void count(const db::Chunk& chunk) {
    const auto seqs = chunk.values<std::int64_t>(1);
    for (std::size_t row = 0; row < chunk.rows(); ++row) {
      if (chunk.is_null(0, row) || chunk.is_null(1, row) || seqs[row] < 0) {
        sequences_.add_without_sequence();
      } else {
        sequences_.add(chunk.text(0, row), seqs[row]);
      }
    }
  }

  std::unexpected<Error> unreadable(const std::string& key, const Error& error) const {
    return fail(ErrorKind::storage, fmt::format("{} in {}: {}", key, store_.uri(), error.message));
  }

  ObjectStore& store_;
  SequenceCensus& sequences_;
  VerifyProgress& progress_;
  RecordParser parser_;
  std::optional<db::Database> database_;
  std::optional<db::Connection> connection_;
  std::unique_ptr<ScratchFolder> scratch_;
};

}  // namespace

Result<FileCount> count_files(ObjectStore& store, const VerifyOptions& options, const StopFlag& stop,
                              VerifyProgress& progress) {
  FileCount counts;
  FileCounter counter(store, counts.sequences, progress);
  STACK_TRY_ASSIGN(files, live_files(store, options.table, &counts.superseded));
  STACK_TRY_ASSIGN(expired, expired_partitions(store, options.table));
  counts.expired = std::move(expired);
  for (const ObjectInfo& file : files) {
    if (stop.requested()) return interrupted();
    const auto name = parse_file_key(file.key);
    if (name && name->topic == options.topic && counts.expired.contains(name->dt)) continue;
    if (const auto data = data_ending_of(file.key); !name && data) {
      auto rows = *data == "parquet" ? counter.parquet(file.key) : counter.json_lines(file.key, *compression_of(*data));
      if (rows) {
        counts.intruders[file.key] = *rows;
        continue;
      }
    }
    const auto compression = name ? compression_of(name->extension) : std::nullopt;
    if (!name || name->topic != options.topic || (!compression && name->extension != "parquet")) {
      counts.strangers.push_back(file.key);
      continue;
    }
    STACK_TRY_ASSIGN(rows, compression ? counter.json_lines(file.key, *compression) : counter.parquet(file.key));
    if (name->end) {
      counts.merged.push_back({file.key, name->dt, name->partition, name->first, *name->end, rows});
      continue;
    }
    RangeContent& range = counts.ranges[{name->partition, name->first}];
    range.rows += rows;
    range.keys.push_back(file.key);
  }
  STACK_TRY_ASSIGN(letters, store.list(dead_letters_prefix(options.table)));
  for (const ObjectInfo& file : letters) {
    if (stop.requested()) return interrupted();
    const auto name = parse_file_key(file.key);
    if (!name || name->topic != options.topic || name->extension != "ndjson") continue;
    RangeContent& range = counts.ranges[{name->partition, name->first}];
    STACK_TRY_ASSIGN(lines, counter.dead_letters(file.key));
    range.dead_letters += lines;
    range.keys.push_back(file.key);
  }
  return counts;
}

}  // namespace stack::lake
