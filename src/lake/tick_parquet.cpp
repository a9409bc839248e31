#include "lake/tick_parquet.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/unique_fd.hpp"
#include "lake/block_compressor.hpp"
#include "lake/bloom_filter.hpp"
#include "lake/column.hpp"
#include "lake/parquet_encoding.hpp"
#include "lake/posix_error.hpp"
#include "lake/thrift_compact.hpp"

namespace stack::lake {
namespace {

// Numbers of https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
enum PhysicalType : std::uint8_t { kInt32 = 1, kInt64 = 2, kDouble = 5, kByteArray = 6 };
enum ConvertedType : std::uint8_t { kUtf8 = 0, kDate = 6, kTimestampMicros = 10, kInt64Signed = 18 };
enum Encoding : std::uint8_t { kPlain = 0, kRle = 3, kDeltas = 5, kDictionary = 8 };
enum PageType : std::uint8_t { kDataPage = 0, kDictionaryPage = 2 };

constexpr std::size_t kGroupRows = 131'072;
constexpr std::size_t kPageRows = 20'000;        // parquet-mr's own limit
constexpr std::size_t kLongestStatistic = 4096;  // bytes; a symbol that is longer gives none

std::int32_t codec_of(Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return 2;
    case Compression::zstd:
      return 6;
    case Compression::none:
      break;
  }
  return 0;
}

struct Chunk {
  std::size_t column = 0;
  std::size_t rows = 0;
  std::size_t nulls = 0;
  std::int64_t first_page = 0;
  std::optional<std::int64_t> dictionary_page{};
  std::int64_t data_page = 0;
  std::int64_t plain_bytes = 0;   // pages and their headers before compression
  std::int64_t stored_bytes = 0;  // and as they are
  Encoding encoding = kPlain;
  std::int32_t data_pages = 0;
  std::optional<std::string> least{};
  std::optional<std::string> greatest{};
  std::string bloom{};
  std::int64_t bloom_offset = 0;
};

struct Group {
  std::size_t rows = 0;
  std::vector<Chunk> chunks{};
};

template <class T>
std::string plain(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

void append_plain_text(std::string& out, std::string_view text) {
  out += plain(static_cast<std::uint32_t>(text.size()));
  out += text;
}

class TickFile {
 public:
  TickFile(const TickRows& ticks, Compression compression, const std::filesystem::path& path)
      : ticks_(ticks), compression_(compression), path_(path) {}

  Result<void> write() {
    fd_.reset(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd_) return storage_error("create", path_, errno);
    out_ = "PAR1";
    for (std::size_t first = 0; first < ticks_.size(); first += kGroupRows) {
      STACK_TRY(write_group(first, std::min(kGroupRows, ticks_.size() - first)));
    }
    for (Group& group : groups_) {
      Chunk& symbols = group.chunks.front();
      symbols.bloom_offset = place();
      out_ += symbols.bloom;
    }
    write_footer();
    return flush();
  }

 private:
  using Row = TickRows::Row;

  [[nodiscard]] std::int64_t place() const { return written_ + static_cast<std::int64_t>(out_.size()); }

  Result<void> flush() {
    std::string_view rest = out_;
    while (!rest.empty()) {
      const ssize_t n = ::write(fd_.get(), rest.data(), rest.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return storage_error("write", path_, errno);
      rest.remove_prefix(static_cast<std::size_t>(n));
    }
    written_ += static_cast<std::int64_t>(out_.size());
    out_.clear();
    return {};
  }

  Result<void> write_group(std::size_t first, std::size_t rows) {
    Group group{.rows = rows};
    STACK_TRY_ASSIGN(symbols, symbol_chunk(first, rows));
    group.chunks.push_back(std::move(symbols));
    STACK_TRY_ASSIGN(dates, date_chunk(first, rows));
    group.chunks.push_back(std::move(dates));
    for (const auto& [member, column] :
         {std::pair{&Row::event_time, 2}, std::pair{&Row::seq, 3}, std::pair{&Row::size, 5}}) {
      if (column == 5) {
        STACK_TRY_ASSIGN(prices, double_chunk(4, first, rows, [](const Row& row, const TickRows::Quote*) {
                           return std::optional(row.price);
                         }));
        group.chunks.push_back(std::move(prices));
      }
      STACK_TRY_ASSIGN(chunk, whole_chunk(static_cast<std::size_t>(column), member, first, rows));
      group.chunks.push_back(std::move(chunk));
    }
    if (ticks_.quoted()) {
      for (const auto& [member, column] : {std::pair{&TickRows::Quote::bid, 6}, std::pair{&TickRows::Quote::ask, 7}}) {
        const auto value_of = [member = member](const Row&, const TickRows::Quote* quote) {
          return quote->given ? std::optional(quote->*member) : std::nullopt;
        };
        STACK_TRY_ASSIGN(chunk, double_chunk(static_cast<std::size_t>(column), first, rows, value_of));
        group.chunks.push_back(std::move(chunk));
      }
    }
    groups_.push_back(std::move(group));
    return flush();
  }

  Result<Chunk> symbol_chunk(std::size_t first, std::size_t rows) {
    Chunk chunk = begin(0, rows, kDictionary);
    std::string dictionary;
    std::vector<std::uint32_t> indices;
    std::vector<std::string_view> symbols;
    indices.reserve(rows);
    std::optional<std::uint32_t> latest;  // rows are sorted by symbol: each comes once
    for (std::size_t i = first; i < first + rows; ++i) {
      const Row& row = ticks_.row(i);
      if (latest != row.symbol) {
        latest = row.symbol;
        symbols.push_back(ticks_.symbol(row.symbol));
        append_plain_text(dictionary, symbols.back());
      }
      indices.push_back(static_cast<std::uint32_t>(symbols.size() - 1));
    }
    BloomFilter bloom(symbols.size());
    for (const auto symbol : symbols) bloom.add(symbol);
    chunk.bloom = bloom.bytes();
    if (symbols.front().size() <= kLongestStatistic && symbols.back().size() <= kLongestStatistic) {
      chunk.least = symbols.front();
      chunk.greatest = symbols.back();
    }
    STACK_TRY(dictionary_pages(chunk, dictionary, symbols.size(), indices));
    return chunk;
  }

  Result<Chunk> date_chunk(std::size_t first, std::size_t rows) {
    Chunk chunk = begin(1, rows, kDictionary);
    std::string dictionary;
    std::unordered_map<std::int32_t, std::uint32_t> known;
    std::vector<std::uint32_t> indices;
    indices.reserve(rows);
    std::int32_t latest = ticks_.row(first).session_date - 1;
    std::int32_t least = std::numeric_limits<std::int32_t>::max();
    std::int32_t greatest = std::numeric_limits<std::int32_t>::min();
    for (std::size_t i = first; i < first + rows; ++i) {
      const std::int32_t date = ticks_.row(i).session_date;
      if (date == latest) {
        indices.push_back(indices.back());
        continue;
      }
      latest = date;
      least = std::min(least, date);
      greatest = std::max(greatest, date);
      const auto [entry, is_new] = known.emplace(date, static_cast<std::uint32_t>(known.size()));
      if (is_new) dictionary += plain(date);
      indices.push_back(entry->second);
    }
    chunk.least = plain(least);
    chunk.greatest = plain(greatest);
    STACK_TRY(dictionary_pages(chunk, dictionary, known.size(), indices));
    return chunk;
  }

  Result<Chunk> whole_chunk(std::size_t column, std::int64_t Row::*member, std::size_t first, std::size_t rows) {
    Chunk chunk = begin(column, rows, kDeltas);
    std::vector<std::int64_t> values(rows);
    for (std::size_t i = 0; i < rows; ++i) values[i] = ticks_.row(first + i).*member;
    const auto [least, greatest] = std::ranges::minmax(values);
    chunk.least = plain(least);
    chunk.greatest = plain(greatest);
    for (std::size_t at = 0; at < rows; at += kPageRows) {
      const auto of_page = std::span(values).subspan(at, std::min(kPageRows, rows - at));
      page_.clear();
      append_all_defined(of_page.size());
      append_deltas(page_, of_page);
      STACK_TRY(data_page(chunk, of_page.size()));
    }
    return chunk;
  }

  // VALUE_OF(row, its quote or nullptr) is a value or null.
  template <class ValueOf>
  Result<Chunk> double_chunk(std::size_t column, std::size_t first, std::size_t rows, ValueOf value_of) {
    Chunk chunk = begin(column, rows, kPlain);
    double least = std::numeric_limits<double>::infinity();
    double greatest = -least;
    std::vector<std::uint32_t> defined;
    std::vector<double> values;
    for (std::size_t at = 0; at < rows; at += kPageRows) {
      const std::size_t n = std::min(kPageRows, rows - at);
      defined.assign(n, 0);
      values.clear();
      for (std::size_t i = 0; i < n; ++i) {
        const std::size_t place_of_row = first + at + i;
        const auto value = value_of(ticks_.row(place_of_row), ticks_.quoted() ? &ticks_.quote(place_of_row) : nullptr);
        if (!value) continue;
        defined[i] = 1;
        values.push_back(*value);
        least = std::min(least, *value);
        greatest = std::max(greatest, *value);
      }
      chunk.nulls += n - values.size();
      page_.clear();
      append_defined(defined);
      page_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));  // NOLINT
      STACK_TRY(data_page(chunk, n));
    }
    if (chunk.nulls < rows) {  // readers take a zero's sign for unknown, so the bounds hold both
      chunk.least = plain(least == 0 ? -0.0 : least);
      chunk.greatest = plain(greatest == 0 ? 0.0 : greatest);
    }
    return chunk;
  }

  [[nodiscard]] Chunk begin(std::size_t column, std::size_t rows, Encoding encoding) const {
    return {.column = column, .rows = rows, .first_page = place(), .encoding = encoding};
  }

  Result<void> dictionary_pages(Chunk& chunk, std::string& dictionary, std::size_t distinct,
                                std::span<const std::uint32_t> indices) {
    chunk.dictionary_page = place();
    std::swap(page_, dictionary);
    STACK_TRY(page(chunk, kDictionaryPage, distinct, kPlain));
    const unsigned bit_width = bits_for(distinct);
    for (std::size_t at = 0; at < indices.size(); at += kPageRows) {
      const auto of_page = indices.subspan(at, std::min(kPageRows, indices.size() - at));
      page_.clear();
      append_all_defined(of_page.size());
      page_.push_back(static_cast<char>(bit_width));
      append_runs(page_, of_page, bit_width);
      STACK_TRY(data_page(chunk, of_page.size()));
    }
    return {};
  }

  // Definition levels: 1 where there is a value.
  void append_defined(std::span<const std::uint32_t> defined) {
    const std::size_t at = page_.size();
    page_.append(4, '\0');
    append_runs(page_, defined, 1);
    const auto size = static_cast<std::uint32_t>(page_.size() - at - 4);
    std::memcpy(page_.data() + at, &size, sizeof size);
  }
  void append_all_defined(std::size_t rows) {
    std::string run;
    append_varint(run, rows << 1U);
    run.push_back('\1');
    append_plain_text(page_, run);
  }

  Result<void> data_page(Chunk& chunk, std::size_t rows) {
    if (chunk.data_pages++ == 0) chunk.data_page = place();
    return page(chunk, kDataPage, rows, chunk.encoding);
  }

  // Adds page_ to the file.
  Result<void> page(Chunk& chunk, PageType type, std::size_t values, Encoding encoding) {
    STACK_TRY_ASSIGN(bytes, compressor_.compress(compression_, page_));
    const std::size_t before = out_.size();
    ThriftCompact header(out_);
    header.i32(1, type);
    header.i32(2, static_cast<std::int64_t>(page_.size()));
    header.i32(3, static_cast<std::int64_t>(bytes.size()));
    header.begin(type == kDataPage ? 5 : 7);
    header.i32(1, static_cast<std::int64_t>(values));
    header.i32(2, encoding);
    if (type == kDataPage) {
      header.i32(3, kRle);
      header.i32(4, kRle);
    }
    header.end();
    header.end();
    const std::size_t header_size = out_.size() - before;
    out_ += bytes;
    chunk.plain_bytes += static_cast<std::int64_t>(header_size + page_.size());
    chunk.stored_bytes += static_cast<std::int64_t>(header_size + bytes.size());
    return {};
  }

  void write_footer() {
    const std::size_t before = out_.size();
    const auto& columns = ticks_.quoted() ? quoted_tick_columns() : tick_columns();
    ThriftCompact meta(out_);
    meta.i32(1, 1);
    meta.list(2, ThriftCompact::Element::structure, columns.size() + 1);
    meta.begin();
    meta.text(4, "schema");
    meta.i32(5, static_cast<std::int64_t>(columns.size()));
    meta.end();
    for (const Column& column : columns) write_schema(meta, column);
    meta.i64(3, static_cast<std::int64_t>(ticks_.size()));
    meta.list(4, ThriftCompact::Element::structure, groups_.size());
    for (const Group& group : groups_) write_group_facts(meta, group, columns);
    meta.text(6, "stack version 1.0.0 (build ticks)");
    meta.list(7, ThriftCompact::Element::structure, columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      meta.begin();
      meta.empty(1);  // each column's bounds are by its type's order
      meta.end();
    }
    meta.end();
    out_ += plain(static_cast<std::uint32_t>(out_.size() - before));
    out_ += "PAR1";
  }

  static PhysicalType physical(ColumnType type) {
    if (type == ColumnType::text) return kByteArray;
    if (type == ColumnType::date) return kInt32;
    return type == ColumnType::real ? kDouble : kInt64;
  }

  static void write_schema(ThriftCompact& meta, const Column& column) {
    meta.begin();
    meta.i32(1, physical(column.type));
    meta.i32(3, 1);  // optional
    meta.text(4, column.name);
    if (column.type == ColumnType::text) {
      meta.i32(6, kUtf8);
      meta.begin(10);
      meta.empty(1);
      meta.end();
    } else if (column.type == ColumnType::date) {
      meta.i32(6, kDate);
      meta.begin(10);
      meta.empty(6);
      meta.end();
    } else if (column.type == ColumnType::timestamp) {
      // A wall clock's time, as DuckDB writes it: files of one table have one type.
      meta.i32(6, kTimestampMicros);
      meta.begin(10);
      meta.begin(8);
      meta.boolean(1, false);
      meta.begin(2);
      meta.empty(2);
      meta.end();
      meta.end();
      meta.end();
    } else if (column.type == ColumnType::bigint) {
      meta.i32(6, kInt64Signed);
    }
    meta.end();
  }

  void write_group_facts(ThriftCompact& meta, const Group& group, const std::vector<Column>& columns) const {
    std::int64_t plain_bytes = 0;
    std::int64_t stored_bytes = 0;
    meta.begin();
    meta.list(1, ThriftCompact::Element::structure, group.chunks.size());
    for (const Chunk& chunk : group.chunks) {
      plain_bytes += chunk.plain_bytes;
      stored_bytes += chunk.stored_bytes;
    }
    for (const Chunk& chunk : group.chunks) write_chunk_facts(meta, chunk, columns[chunk.column]);
    meta.i64(2, plain_bytes);
    meta.i64(3, static_cast<std::int64_t>(group.rows));
    meta.list(4, ThriftCompact::Element::structure, 3);
    for (const int column : {0, 2, 3}) {
      meta.begin();
      meta.i32(1, column);
      meta.boolean(2, false);
      meta.boolean(3, false);
      meta.end();
    }
    meta.i64(5, group.chunks.front().first_page);
    meta.i64(6, stored_bytes);
    meta.end();
  }

  void write_chunk_facts(ThriftCompact& meta, const Chunk& chunk, const Column& column) const {
    meta.begin();
    meta.i64(2, 0);
    meta.begin(3);
    meta.i32(1, physical(column.type));
    const bool by_dictionary = chunk.dictionary_page.has_value();
    meta.list(2, ThriftCompact::Element::i32, by_dictionary ? 3 : 2);
    meta.element(kRle);
    meta.element(chunk.encoding);
    if (by_dictionary) meta.element(kPlain);
    meta.list(3, ThriftCompact::Element::text, 1);
    meta.element(column.name);
    meta.i32(4, codec_of(compression_));
    meta.i64(5, static_cast<std::int64_t>(chunk.rows));
    meta.i64(6, chunk.plain_bytes);
    meta.i64(7, chunk.stored_bytes);
    meta.i64(9, chunk.data_page);
    if (by_dictionary) meta.i64(11, *chunk.dictionary_page);
    meta.begin(12);
    meta.i64(3, static_cast<std::int64_t>(chunk.nulls));
    if (chunk.greatest) meta.text(5, *chunk.greatest);
    if (chunk.least) meta.text(6, *chunk.least);
    meta.end();
    write_page_counts(meta, chunk);
    if (!chunk.bloom.empty()) {
      meta.i64(14, chunk.bloom_offset);
      meta.i32(15, static_cast<std::int64_t>(chunk.bloom.size()));
    }
    meta.end();
    meta.end();
  }

  // By which a reader knows that every page is by dictionary, and may leave a row group out by that alone.
  static void write_page_counts(ThriftCompact& meta, const Chunk& chunk) {
    const auto count = [&](PageType type, Encoding encoding, std::int32_t pages) {
      meta.begin();
      meta.i32(1, type);
      meta.i32(2, encoding);
      meta.i32(3, pages);
      meta.end();
    };
    meta.list(13, ThriftCompact::Element::structure, chunk.dictionary_page ? 2 : 1);
    if (chunk.dictionary_page) count(kDictionaryPage, kPlain, 1);
    count(kDataPage, chunk.encoding, chunk.data_pages);
  }

  const TickRows& ticks_;
  Compression compression_;
  const std::filesystem::path& path_;
  UniqueFd fd_;
  BlockCompressor compressor_;
  std::string out_;  // not yet written
  std::int64_t written_ = 0;
  std::string page_;
  std::vector<Group> groups_;
};

}  // namespace

Result<void> write_tick_parquet(const TickRows& ticks, Compression compression, const std::filesystem::path& file) {
  return TickFile(ticks, compression, file).write();
}

}  // namespace stack::lake
