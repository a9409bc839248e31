#include "lake/claim.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "lake/each_key.hpp"
#include "lake/expiry.hpp"
#include "lake/json_text.hpp"

namespace stack::lake {
namespace {

using simdjson::dom::element;

std::unexpected<Error> broken(std::string_view name, std::string_view what) {
  return fail(ErrorKind::conflict,
              fmt::format("the claim {} {}; it was not written by this program, or a newer one wrote it", name, what));
}

// Reads members of one JSON object; remembers the first that is missing or of another type.
class MemberReader {
 public:
  explicit MemberReader(element object) : object_(object) {}

  [[nodiscard]] std::int64_t integer(const char* key) { return read<std::int64_t>(key); }
  [[nodiscard]] std::uint64_t count(const char* key) { return read<std::uint64_t>(key); }
  [[nodiscard]] std::string text(const char* key) { return std::string(read<std::string_view>(key)); }
  [[nodiscard]] simdjson::dom::array array(const char* key) { return read<simdjson::dom::array>(key); }
  [[nodiscard]] const char* missing() const { return missing_; }

 private:
  template <class T>
  T read(const char* key) {
    T value{};
    if (object_[key].get(value) != simdjson::SUCCESS && missing_ == nullptr) missing_ = key;
    return value;
  }

  element object_;
  const char* missing_ = nullptr;
};

}  // namespace

std::string to_json(const Claim& claim) {
  std::string out = fmt::format(
      R"({{"version":1,"first":{},"end":{},"log_start":{},"cluster_id":{},"topic_id":{},"format":"{}",)"
      R"("compression":"{}","partition_by":"{}","rules":{},"feed":{},"records":{},"dead_letters":{},"columns":[)",
      claim.first, claim.end, claim.log_start, json_string(claim.cluster_id), json_string(claim.topic_id),
      name_of(claim.format), name_of(claim.compression), name_of(claim.partition_by), claim.rules,
      json_string(claim.feed), claim.records, claim.dead_letters);
  const char* separator = "";
  for (const Column& column : claim.columns) {
    fmt::format_to(std::back_inserter(out), R"({}{{"name":{},"type":"{}","other_spellings":[)", separator,
                   json_string(column.name), hive_name(column.type));
    for (std::size_t i = 0; i < column.other_spellings.size(); ++i) {
      out += i > 0 ? "," : "";
      out += json_string(column.other_spellings[i]);
    }
    out += "]}";
    separator = ",";
  }
  out += R"(],"files":[)";
  separator = "";
  for (const RangeFile& file : claim.files) {
    fmt::format_to(std::back_inserter(out), R"({}{{"dt":"{}","rows":{}}})", separator, file.dt, file.rows);
    separator = ",";
  }
  out += "]}\n";
  return out;
}

Result<Claim> parse_claim(std::string_view json, std::string_view name) {
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS || !root.is_object()) {
    return broken(name, "is not JSON");
  }
  MemberReader reader(root);
  if (reader.integer("version") != 1) return broken(name, "is not of version 1");
  Claim claim;
  claim.first = reader.integer("first");
  claim.end = reader.integer("end");
  claim.log_start = reader.integer("log_start");
  claim.cluster_id = reader.text("cluster_id");
  claim.topic_id = reader.text("topic_id");
  claim.rules = static_cast<int>(reader.integer("rules"));
  claim.feed = reader.text("feed");
  claim.records = reader.count("records");
  claim.dead_letters = reader.count("dead_letters");
  const auto format = parse_file_format(reader.text("format"));
  const auto compression = parse_compression(reader.text("compression"));
  const auto partition_by = parse_partition_by(reader.text("partition_by"));
  if (!format || !compression || !partition_by) return broken(name, "has unknown terms");
  claim.format = *format;
  claim.compression = *compression;
  claim.partition_by = *partition_by;
  const auto columns = reader.array("columns");
  const auto files = reader.array("files");
  if (reader.missing() != nullptr) return broken(name, fmt::format("lacks '{}'", reader.missing()));
  for (const element column : columns) {
    MemberReader member(column);
    std::string column_name = member.text("name");
    const auto type = parse_hive_name(member.text("type"));
    const auto spellings = member.array("other_spellings");
    if (member.missing() != nullptr || !type) return broken(name, "has an unknown column");
    claim.columns.push_back({std::move(column_name), *type, {}});
    for (const element spelling : spellings) {
      std::string_view text;
      if (spelling.get(text) != simdjson::SUCCESS) return broken(name, "has an unknown column");
      claim.columns.back().other_spellings.emplace_back(text);
    }
  }
  for (const element file : files) {
    MemberReader member(file);
    std::string dt = member.text("dt");
    const std::uint64_t rows = member.count("rows");
    if (member.missing() != nullptr || dt.find_first_not_of("0123456789-") != std::string::npos) {
      return broken(name, "has an unknown file");
    }
    claim.files.push_back({std::move(dt), rows});
  }
  if (claim.first < 0 || claim.end < claim.first) return broken(name, "has no sound range");
  if (claim.rules != kRulesVersion) {
    return broken(name, fmt::format("follows rules {}, this program knows rules {}", claim.rules, kRulesVersion));
  }
  return claim;
}

std::vector<std::string> range_keys(const Lane& lane, const Claim& claim) {
  std::vector<std::string> keys;
  keys.reserve(claim.files.size() + 1);
  for (const RangeFile& file : claim.files) keys.push_back(data_key(lane, file.dt, claim.first, claim.extension()));
  if (claim.dead_letters > 0) keys.push_back(dead_letter_key(lane, claim.first));
  return keys;
}

Result<std::optional<Claim>> read_claim(ObjectStore& store, const Lane& lane, std::int64_t first) {
  const std::string key = claim_key(lane, first);
  STACK_TRY_ASSIGN(json, store.get(key));
  if (!json) return std::nullopt;
  STACK_TRY_ASSIGN(claim, parse_claim(*json, key));
  if (claim.first != first) return broken(key, fmt::format("says that it begins at {}", claim.first));
  return claim;
}

Result<std::optional<Claim>> last_claim(ObjectStore& store, const Lane& lane) {
  STACK_TRY_ASSIGN(objects, store.list(claims_prefix(lane)));
  if (objects.empty()) return std::nullopt;
  const std::string_view name = std::string_view(objects.back().key).substr(claims_prefix(lane).size());
  const auto first = parse_padded_offset(name);
  if (!first) return broken(objects.back().key, "has no offset for a name");
  return read_claim(store, lane, *first);
}

Result<std::vector<Claim>> read_chain(ObjectStore& store, const Lane& lane) {
  STACK_TRY_ASSIGN(objects, store.list(claims_prefix(lane)));
  std::vector<Claim> chain;
  chain.reserve(objects.size());
  for (const ObjectInfo& object : objects) {
    const auto first = parse_padded_offset(std::string_view(object.key).substr(claims_prefix(lane).size()));
    if (!first) return broken(object.key, "has no offset for a name");
    STACK_TRY_ASSIGN(claim, read_claim(store, lane, *first));
    if (!claim) return broken(object.key, "vanished while it was read");
    const std::int64_t expected = chain.empty() ? 0 : chain.back().end;
    if (claim->first != expected) {
      return fail(ErrorKind::conflict, fmt::format("the claims of {}/{} have a gap: offsets {} to {} belong to none",
                                                   lane.topic, lane.partition, expected, claim->first));
    }
    if (!chain.empty() && claim->topic_id != chain.back().topic_id) {
      return broken(object.key, "is of another topic than the claim before it");
    }
    chain.push_back(*std::move(claim));
  }
  return chain;
}

Result<bool> is_complete(ObjectStore& store, const Lane& lane, const Claim& claim) {
  STACK_TRY_ASSIGN(
      stand, for_each_key(store, range_keys(lane, claim), [&](const std::string& key) { return store.secure(key); }));
  if (std::ranges::find(stand, false) == stand.end()) return true;
  // What retention has removed stood once.
  STACK_TRY_ASSIGN(expired, expired_partitions(store, lane.table));
  const auto is_gone_for_good = [&](std::size_t i) {
    return i < claim.files.size() && expired.contains(claim.files[i].dt);
  };
  for (std::size_t i = 0; i < stand.size(); ++i)
    if (!stand[i] && !is_gone_for_good(i)) return false;
  return true;
}

}  // namespace stack::lake
