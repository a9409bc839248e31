// The schema of varied files against DuckDB's own inference over the whole file. Where the two differ on purpose, the
// case says why.
#include <gtest/gtest.h>

#include "catalog/inference.hpp"
#include "duckdb/database.hpp"
#include "lake_fixture.hpp"

namespace stack::catalog {
namespace {

using duckdb_embedded::Database;

struct Case {
  const char* name;
  const char* text;
  const char* differs = nullptr;  // our types, where they are not DuckDB's
};

const Case kCases[] = {
    {"Ticks",
     "{\"symbol\":\"HSI\",\"session_date\":\"2021-05-28\",\"event_time\":\"2021-05-28 01:30:00.004512\",\"seq\":0,"
     "\"price\":29113.0,\"size\":1200}\n"},
    {"Bars",
     "{\"Index\":\"NYA\",\"Date\":\"1965-12-31\",\"Open\":528.690002,\"Adj Close\":528.690002,\"Volume\":0.0}\n"},
    {"Widening", "{\"a\":1}\n{\"a\":2.5}\n{\"a\":null}\n"},
    {"Nulls", "{\"a\":null,\"b\":1}\n{\"a\":null}\n"},
    {"LateColumn", "{\"a\":1}\n{\"a\":1,\"b\":\"x\"}\n"},
    {"Booleans", "{\"a\":true,\"b\":false}\n{\"a\":null,\"b\":true}\n"},
    {"Escapes", "{\"k\\u00e9y\":\"a\\\"b\",\"u\":\"\\ud83d\\ude00\"}\n"},
    {"BigIntegers", "{\"a\":9223372036854775807}\n{\"a\":9223372036854775808}\n"},
    {"HugeIntegers", "{\"a\":123456789012345678901234567890}\n"},
    {"Exponents", "{\"a\":1e3,\"b\":-1.5E-7}\n"},
    {"DatesAndText", "{\"a\":\"2021-05-28\"}\n{\"a\":\"tomorrow\"}\n"},
    {"DateThatIsNone", "{\"a\":\"2021-02-30\"}\n"},
    {"Timestamps", "{\"a\":\"2021-05-28 01:30:00.25\"}\n{\"a\":\"2021-05-28 01:30:00.5\"}\n"},
    // DuckDB infers by one format, and these are two; it reads both as timestamps once the column is declared.
    {"TimestampsWithAndWithoutFraction", "{\"a\":\"2021-05-28 01:30:00\"}\n{\"a\":\"2021-05-28 01:30:00.5\"}\n",
     "a timestamp"},
    // ISO's T and Z: DuckDB reads a timestamp, Hive's SerDe does not.
    {"IsoTimestamps", "{\"a\":\"2021-05-28T01:30:00Z\"}\n", "a string"},
    {"DatesAndTimestamps", "{\"a\":\"2021-05-28\"}\n{\"a\":\"2021-05-28 01:30:00\"}\n"},
    {"Structs", "{\"q\":{\"bid\":1.5,\"ask\":2}}\n{\"q\":{\"bid\":1,\"mid\":\"x\"}}\n"},
    {"Arrays", "{\"a\":[1,2],\"b\":[[1.5],[]]}\n{\"a\":[2.5],\"b\":null}\n"},
    {"ArrayOfStructs", "{\"book\":[{\"p\":1.5,\"q\":10},{\"p\":2}]}\n"},
    {"EmptyArrays", "{\"a\":[],\"b\":[[]]}\n"},
    {"MissingFields", "{\"a\":1}\n{\"b\":2.5}\n{}\n"},
    {"CarriageReturns", "{\"a\":1}\r\n{\"a\":2.5}\r\n"},
    {"BlankLines", "{\"a\":1}\n\n  \n{\"a\":2}\n"},
    {"KeysOfUnicode", "{\"価格\":1,\"naïve\":\"é\"}\n"},
    {"NumbersAsText", "{\"a\":\"1\",\"b\":\"007\",\"c\":\"2.5\"}\n"},
    // Hive does not tell names by case, so neither do we: one column where DuckDB has two.
    {"KeysInTwoCases", "{\"A\":1}\n{\"a\":2.5}\n", "a double"},
    // Kinds of values that no type but text holds: DuckDB's VARCHAR or JSON, which is text as well.
    {"NumberAndText", "{\"a\":1}\n{\"a\":\"x\"}\n"},
    {"StructAndNumber", "{\"a\":{\"b\":1}}\n{\"a\":1}\n"},
    {"BooleanAndNumber", "{\"a\":true}\n{\"a\":1}\n"},
    // Text that looks like another type of DuckDB's: Hive has neither.
    {"Times", "{\"a\":\"01:30:00\"}\n", "a string"},
    {"Uuids", "{\"a\":\"47183823-2574-4bfd-b411-99ed177d3e43\"}\n", "a string"},
};

// DuckDB's name of a type as Hive's, where there is one.
std::string hive_from_duckdb(duckdb_logical_type type) {
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_BIGINT:
      return "bigint";
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_DOUBLE:
      return "double";
    case DUCKDB_TYPE_BOOLEAN:
      return "boolean";
    case DUCKDB_TYPE_DATE:
      return "date";
    case DUCKDB_TYPE_TIMESTAMP:
      return "timestamp";
    case DUCKDB_TYPE_VARCHAR:
      return "string";
    case DUCKDB_TYPE_LIST: {
      const duckdb_embedded::LogicalType child(duckdb_list_type_child_type(type));
      return "array<" + hive_from_duckdb(child.get()) + ">";
    }
    case DUCKDB_TYPE_STRUCT: {
      std::vector<Field> members;
      for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
        const std::unique_ptr<char, decltype(&duckdb_free)> name(duckdb_struct_type_child_name(type, i), duckdb_free);
        const duckdb_embedded::LogicalType child(duckdb_struct_type_child_type(type, i));
        members.push_back({name.get(), parse_type(hive_from_duckdb(child.get())).value()});
      }
      return hive_name(struct_of(std::move(members)));
    }
    default:
      return "another type";
  }
}

class DuckdbComparison : public LakeFixture, public testing::WithParamInterface<Case> {};

TEST_P(DuckdbComparison, SameSchema) {
  write("t/a.ndjson", GetParam().text);
  auto database = Database::open({}).value();
  auto connection = database.connect().value();
  auto result = connection.query("SELECT * FROM read_json('" + (folder_.path() / "t/a.ndjson").native() +
                                 "', format='newline_delimited', sample_size=-1, convert_strings_to_integers=false, "
                                 "map_inference_threshold=-1, field_appearance_threshold=0) LIMIT 0");
  ASSERT_TRUE(result) << result.error().message;
  std::string theirs;
  for (std::size_t i = 0; i < result->column_count(); ++i)
    theirs += (i == 0 ? "" : ", ") + lower_case(result->column_name(i)) + " " +
              hive_from_duckdb(result->logical_type(i).get());
  crawl_lake();
  std::string ours;
  for (const std::string& column : columns("t")) ours += (ours.empty() ? "" : ", ") + column;
  if (GetParam().differs == nullptr) {
    EXPECT_EQ(ours, theirs);
  } else {
    EXPECT_EQ(ours, GetParam().differs);
    EXPECT_NE(ours, theirs) << "the two agree by now: the case has no reason any more";
  }
}

INSTANTIATE_TEST_SUITE_P(Varied, DuckdbComparison, testing::ValuesIn(kCases),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace stack::catalog
