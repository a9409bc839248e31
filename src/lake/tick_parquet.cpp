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
#include "lake/tick_footer.hpp"

namespace stack::lake {
namespace {

using parquet::Chunk;
using parquet::Encoding;
using parquet::Group;
using parquet::PageType;
using enum parquet::Encoding;
using enum parquet::PageType;

constexpr std::size_t kGroupRows = 131'072;
constexpr std::size_t kPageRows = 20'000;        // parquet-mr's own limit
constexpr std::size_t kLongestStatistic = 4096;  // bytes; a symbol that is longer gives none

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
    const std::size_t before = out_.size();
    append_tick_footer(out_, ticks_.quoted() ? quoted_tick_columns() : tick_columns(), ticks_.size(), groups_,
                       compression_);
    out_ += plain(static_cast<std::uint32_t>(out_.size() - before));
    out_ += "PAR1";
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
