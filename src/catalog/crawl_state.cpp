#include "catalog/crawl_state.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <optional>

#include "lake/json_text.hpp"

namespace stack::catalog {
namespace {

namespace dom = simdjson::dom;
using lake::json_string;

// Raised when what a crawl takes from a file changes, so that old states are dropped.
constexpr std::uint64_t kVersion = 2;

std::string prefix_of(std::string_view database) { return fmt::format("_stack/crawl/{}/", database); }
std::string key_of(std::string_view database, std::string_view folder) {
  return fmt::format("{}{}.ndjson", prefix_of(database), folder);
}

std::string schema_json(const Schema& schema) {
  std::string out = "[";
  for (const SchemaColumn& column : schema)
    out += fmt::format(R"({}{{"name":{},"type":{}}})", out.size() > 1 ? "," : "", json_string(column.name),
                       json_string(spelled_name(column.type)));
  return out + ']';
}

bool read_schemas(const dom::element& header, CrawlState& state) {
  std::uint64_t version = 0;
  dom::array schemas;
  if (header["version"].get(version) != simdjson::SUCCESS || version != kVersion) return false;
  if (header["schemas"].get(schemas) != simdjson::SUCCESS) return false;
  for (const dom::element schema : schemas) {
    dom::array columns;
    if (schema.get(columns) != simdjson::SUCCESS) return false;
    Schema& added = state.schemas.emplace_back();
    for (const dom::element column : columns) {
      std::string_view name;
      std::string_view type_name;
      if (column["name"].get(name) != simdjson::SUCCESS || column["type"].get(type_name) != simdjson::SUCCESS)
        return false;
      auto type = parse_type(type_name);
      if (!type) return false;
      added.push_back({std::string(name), *std::move(type)});
    }
  }
  return true;
}

bool read_file(const dom::element& line, std::string_view folder, CrawlState& state) {
  std::string_view path;
  lake::ObjectInfo object;
  SeenFile seen;
  std::int64_t modified = 0;
  std::uint64_t schema = 0;
  if (line["path"].get(path) != simdjson::SUCCESS || line["size"].get(object.size) != simdjson::SUCCESS ||
      line["modified"].get(modified) != simdjson::SUCCESS || line["rows"].get(seen.rows) != simdjson::SUCCESS ||
      line["malformed"].get(seen.malformed_lines) != simdjson::SUCCESS ||
      line["schema"].get(schema) != simdjson::SUCCESS || schema >= state.schemas.size())
    return false;
  object.key = fmt::format("{}/{}", folder, path);
  object.modified = Micros{std::chrono::microseconds{modified}};
  auto file = data_file(folder, object);
  if (!file) return false;
  seen.file = *std::move(file);
  seen.schema = schema;
  state.files.push_back(std::move(seen));
  return true;
}

}  // namespace

std::optional<CrawlState> parse_state(const std::string& text, std::string_view folder) {
  CrawlState state;
  const simdjson::padded_string padded(text);  // the parser reads beyond the text's end
  dom::parser parser;
  dom::document_stream lines;
  if (parser.parse_many(padded, std::max<std::size_t>(text.size(), 1 << 20)).get(lines) != simdjson::SUCCESS)
    return std::nullopt;
  bool header = true;
  for (const auto document : lines) {
    dom::element line;
    if (document.get(line) != simdjson::SUCCESS) return std::nullopt;
    if (header ? !read_schemas(line, state) : !read_file(line, folder, state)) return std::nullopt;
    header = false;
  }
  return state;
}

std::size_t CrawlState::intern(const Schema& schema) {
  if (interned_.empty()) {
    for (std::size_t i = 0; i < schemas.size(); ++i) interned_.emplace(schema_json(schemas[i]), i);
  }
  const auto [entry, added] = interned_.try_emplace(schema_json(schema), schemas.size());
  if (added) schemas.push_back(schema);
  return entry->second;
}

void CrawlState::compact() {
  constexpr auto kUnused = static_cast<std::size_t>(-1);
  std::vector<std::size_t> numbers(schemas.size(), kUnused);
  std::vector<Schema> used;
  for (SeenFile& seen : files) {
    std::size_t& number = numbers[seen.schema];
    if (number == kUnused) {
      number = used.size();
      used.push_back(std::move(schemas[seen.schema]));
    }
    seen.schema = number;
  }
  schemas = std::move(used);
  interned_.clear();
}

Result<CrawlState> load_state(lake::ObjectStore& store, std::string_view database, std::string_view folder) {
  STACK_TRY_ASSIGN(text, store.get(key_of(database, folder)));
  if (!text) return CrawlState{};
  return parse_state(*text, folder).value_or(CrawlState{});
}

void merge_files(CrawlState& into, const CrawlState& from) {
  const auto key_of_file = [](const SeenFile& seen) -> const std::string& { return seen.file.key; };
  const auto known = static_cast<std::ptrdiff_t>(into.files.size());
  std::vector<std::optional<std::size_t>> numbers(from.schemas.size());
  for (const SeenFile& seen : from.files) {
    const std::ranges::subrange before(into.files.begin(), into.files.begin() + known);
    if (std::ranges::binary_search(before, seen.file.key, {}, key_of_file)) continue;
    if (!numbers[seen.schema]) numbers[seen.schema] = into.intern(from.schemas[seen.schema]);
    into.files.push_back(seen);
    into.files.back().schema = *numbers[seen.schema];
  }
  std::ranges::inplace_merge(into.files, into.files.begin() + known, {}, key_of_file);
}

std::string state_text(std::string_view folder, const CrawlState& state) {
  std::string out = fmt::format(R"({{"version":{},"schemas":[)", kVersion);
  for (std::size_t i = 0; i < state.schemas.size(); ++i) out += (i == 0 ? "" : ",") + schema_json(state.schemas[i]);
  out += "]}\n";
  for (const SeenFile& seen : state.files) {
    const std::string_view path = std::string_view(seen.file.key).substr(folder.size() + 1);
    fmt::format_to(std::back_inserter(out),
                   R"({{"path":{},"size":{},"modified":{},"rows":{},"malformed":{},"schema":{}}})"
                   "\n",
                   json_string(path), seen.file.size, seen.file.modified.time_since_epoch().count(), seen.rows,
                   seen.malformed_lines, seen.schema);
  }
  return out;
}

Result<void> save_state(lake::ObjectStore& store, std::string_view database, std::string_view folder,
                        const CrawlState& state) {
  return store.put(key_of(database, folder), state_text(folder, state));
}

Result<void> remove_state(lake::ObjectStore& store, std::string_view database, std::string_view folder) {
  return store.remove(key_of(database, folder));
}

Result<std::vector<std::string>> state_folders(lake::ObjectStore& store, std::string_view database) {
  const std::string prefix = prefix_of(database);
  constexpr std::string_view kExtension = ".ndjson";
  STACK_TRY_ASSIGN(objects, store.list(prefix));
  std::vector<std::string> folders;
  for (const lake::ObjectInfo& object : objects) {
    std::string_view name = std::string_view(object.key).substr(prefix.size());
    if (!name.ends_with(kExtension)) continue;
    name.remove_suffix(kExtension.size());
    folders.emplace_back(name);
  }
  return folders;
}

}  // namespace stack::catalog
