// Any bytes as NDJSON: the schema of the whole, most of which is recognised by what came before, is the one that its
// lines have when each is read by an inference that has seen nothing, and so by the JSON parser.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "catalog/inference.hpp"
#include "fuzz_target.hpp"

namespace {

using namespace stack::catalog;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

FileSchema by_line(std::string_view text) {
  FileSchema all;
  std::map<std::string, std::size_t> index;
  all.text_bytes = text.size();
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    NdjsonInference inference;
    inference.add_lines(line);
    const FileSchema one = inference.finish();
    all.rows += one.rows;
    all.malformed_lines += one.malformed_lines;
    for (const SchemaColumn& column : one.columns) {
      const auto [entry, added] = index.try_emplace(column.name, all.columns.size());
      if (added) all.columns.push_back({column.name, TypeKind::null});
      Type& type = all.columns[entry->second].type;
      type = join(type, column.type);
    }
  }
  return all;
}

void require_same(const FileSchema& a, const FileSchema& b) {
  require(a.rows == b.rows, "rows are the lines'");
  require(a.malformed_lines == b.malformed_lines, "malformed lines are the lines'");
  require(a.text_bytes == b.text_bytes, "the size is the text's");
  require(a.columns == b.columns, "columns are the lines'");
}

constexpr std::array<std::string_view, 6> kSeeds{
    "{\"symbol\":\"HSI\",\"session_date\":\"2021-05-28\",\"event_time\":\"2021-05-28 01:30:00.004512\",\"seq\":1,"
    "\"price\":29113.2,\"size\":0}\n{\"symbol\":\"N225\",\"session_date\":\"2021-02-28\",\"event_time\":\"2021-02-28 "
    "23:59:59\",\"seq\":-2,\"price\":0.25,\"size\":12}\n{\"symbol\":null,\"session_date\":null,\"seq\":300,\"price\":"
    "1e5,"
    "\"size\":123456789012345678}\n",
    "{\"b\":{\"bid\":[{\"p\":1.5,\"q\":100},{\"q\":7,\"p\":2}],\"ask\":[]},\"t\":[[1],[],[2,3]]}\n{\"t\":[[4]],\"b\":"
    "{\"ask\":[{\"p\":1}],\"bid\":null}}\n{\"b\":{\"bid\":[{\"p\":-0.5}]},\"t\":[]}\n",
    "{ \"a\" : 1 , \"b\" : [ true, false, null ] }\r\n{ \"a\" : 2 , \"b\" : [ ] }\r\n\r\n{\t\"b\": [true],\"a\":-0 "
    "}\r\n",
    "{\"text\":\"\\\"Hang Seng\\\" \\u20ac \\ud83d\\ude00 a\\/b\",\"n\":\"1\"}\n{\"text\":\"\xE6\x81\x92\xE7\x94\x9F "
    "\xC3\xA9 \xF0\x9F\x98\x80\",\"n\":\"x\"}\n{\"text\":\"2021-05-28\",\"n\":2}\n{\"text\":\"\",\"n\":false}\n",
    "{\"k1\":1,\"k3\":3,\"k5\":5}\n{\"k2\":1,\"k3\":3}\n{\"k1\":1,\"k4\":2.5,\"k5\":18446744073709551616}\n{\"k5\":1,"
    "\"k4\":1,\"k3\":1,\"k2\":1,\"k1\":1}\n{\"a key that is longer than a block\":1,\"a key that is longer than "
    "another\":"
    "\"a text that is longer than a block\"}\n{\"a key that is longer than another\":\"\",\"a key that is longer than "
    "a "
    "block\":0.1234567890123456789}\n",
    "{\"a\":{\"b\":{\"c\":{\"d\":[{\"e\":1,\"E\":2}]}}},\"a\":{\"b\":null}}\n{\"a\":{\"b\":{\"c\":{\"d\":[{\"E\":1.5}]}"
    "}}}\n"
    "not json\n[1]\n{}\n{\"a\":{}}\n{\"A\":{\"b\":1}}"};

}  // namespace

std::span<const std::string_view> stack::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  NdjsonInference inference;
  inference.add_lines(text);
  const FileSchema whole = inference.finish();
  require_same(whole, by_line(text));
  // In two parts, as a file comes.
  const std::size_t newline = text.find('\n', size / 2);
  const std::size_t half = newline == std::string_view::npos ? size : newline + 1;
  inference.add_lines(text.substr(0, half));
  inference.add_lines(text.substr(half));
  require_same(whole, inference.finish());
  return 0;
}
