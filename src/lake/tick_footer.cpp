#include "lake/tick_footer.hpp"

#include "lake/thrift_compact.hpp"

namespace stack::lake {
namespace {

using parquet::Chunk;
using parquet::Encoding;
using parquet::Group;
using parquet::PageType;
using parquet::PhysicalType;
using enum parquet::ConvertedType;
using enum parquet::Encoding;
using enum parquet::PageType;
using enum parquet::PhysicalType;

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

PhysicalType physical(ColumnType type) {
  if (type == ColumnType::text) return kByteArray;
  if (type == ColumnType::date) return kInt32;
  return type == ColumnType::real ? kDouble : kInt64;
}

void write_schema(ThriftCompact& meta, const Column& column) {
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

// By which a reader knows that every page is by dictionary, and may leave a row group out by that alone.
void write_page_counts(ThriftCompact& meta, const Chunk& chunk) {
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

void write_chunk_facts(ThriftCompact& meta, const Chunk& chunk, const Column& column, Compression compression) {
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
  meta.i32(4, codec_of(compression));
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

void write_group_facts(ThriftCompact& meta, const Group& group, const std::vector<Column>& columns,
                       Compression compression) {
  std::int64_t plain_bytes = 0;
  std::int64_t stored_bytes = 0;
  meta.begin();
  meta.list(1, ThriftCompact::Element::structure, group.chunks.size());
  for (const Chunk& chunk : group.chunks) {
    plain_bytes += chunk.plain_bytes;
    stored_bytes += chunk.stored_bytes;
  }
  for (const Chunk& chunk : group.chunks) write_chunk_facts(meta, chunk, columns[chunk.column], compression);
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

}  // namespace

void append_tick_footer(std::string& out, const std::vector<Column>& columns, std::size_t rows,
                        const std::vector<parquet::Group>& groups, Compression compression) {
  ThriftCompact meta(out);
  meta.i32(1, 1);
  meta.list(2, ThriftCompact::Element::structure, columns.size() + 1);
  meta.begin();
  meta.text(4, "schema");
  meta.i32(5, static_cast<std::int64_t>(columns.size()));
  meta.end();
  for (const Column& column : columns) write_schema(meta, column);
  meta.i64(3, static_cast<std::int64_t>(rows));
  meta.list(4, ThriftCompact::Element::structure, groups.size());
  for (const Group& group : groups) write_group_facts(meta, group, columns, compression);
  meta.text(6, "stack version 1.0.0 (build ticks)");
  meta.list(7, ThriftCompact::Element::structure, columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    meta.begin();
    meta.empty(1);  // each column's bounds are by its type's order
    meta.end();
  }
  meta.end();
}

}  // namespace stack::lake
