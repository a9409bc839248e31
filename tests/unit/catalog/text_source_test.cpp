#include "catalog/text_source.hpp"

#include <gmock/gmock.h>
#include <zlib.h>
#include <zstd.h>

#include "../lake/temporary_folder.hpp"
#include "lake/folder_store.hpp"

namespace stack::catalog {
namespace {

std::string gzipped(std::string_view text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  std::string in(text);
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd_compressed(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

class TextSourceTest : public testing::Test {
 protected:
  // What the file NAME with BYTES reads as, in pieces of PIECE.
  Result<std::string> read(const std::string& name, std::string_view bytes, std::size_t piece = 1000) {
    const std::string key = "t/" + name;
    EXPECT_TRUE(store_->put(key, bytes));
    const auto file = data_file("t", {key, bytes.size(), Micros{}});
    STACK_TRY_ASSIGN(source, open_text(*store_, *file));
    std::string text;
    std::vector<char> buffer(piece);
    while (true) {
      STACK_TRY_ASSIGN(got, source->read(buffer));
      if (got == 0) return text;
      text.append(buffer.data(), got);
    }
  }

  lake::TemporaryFolder folder_;
  std::unique_ptr<lake::FolderStore> store_ = lake::FolderStore::open(folder_.path()).value();
};

// Compressible, and larger than any buffer on the way.
std::string long_text() {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "{\"seq\":" + std::to_string(i) + "}\n";
  return text;
}

TEST_F(TextSourceTest, PlainGzipAndZstdReadAlike) {
  const std::string text = long_text();
  for (const std::size_t piece : {777UL, 65536UL, 8UL << 20}) {
    EXPECT_EQ(read("a.ndjson", text, piece).value(), text);
    EXPECT_EQ(read("a.ndjson.gz", gzipped(text), piece).value(), text);
    EXPECT_EQ(read("a.ndjson.zst", zstd_compressed(text), piece).value(), text);
  }
}

TEST_F(TextSourceTest, SeveralMembersAndFramesReadAsOne) {
  EXPECT_EQ(read("a.ndjson.gz", gzipped("one\n") + gzipped("") + gzipped("two\n")).value(), "one\ntwo\n");
  EXPECT_EQ(read("a.ndjson.zst", zstd_compressed("one\n") + zstd_compressed("two\n")).value(), "one\ntwo\n");
}

TEST_F(TextSourceTest, EmptyFilesAreEmpty) {
  for (const char* name : {"a.ndjson", "a.ndjson.gz", "a.ndjson.zst"}) EXPECT_EQ(read(name, "").value(), "");
}

TEST_F(TextSourceTest, DamagedFilesAreErrorsThatNameThem) {
  const std::string text = long_text();
  for (const auto& [name, bytes] : {std::pair{"a.ndjson.gz", gzipped(text)}, {"a.ndjson.zst", zstd_compressed(text)}}) {
    for (const std::string& damaged : {bytes.substr(0, bytes.size() / 2), std::string("not compressed")}) {
      const auto result = read(name, damaged);
      ASSERT_FALSE(result) << name;
      EXPECT_EQ(result.error().kind, ErrorKind::data);
      EXPECT_THAT(result.error().message, testing::HasSubstr(name));
    }
  }
}

}  // namespace
}  // namespace stack::catalog
