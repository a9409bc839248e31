#include "kafka/feed_headers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>

namespace stack::kafka {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;

std::map<std::string, std::string> headers_of(const FeedHeaders& headers, BatchPlace place) {
  const std::unique_ptr<rd_kafka_headers_t, decltype(&rd_kafka_headers_destroy)> list(headers.make(place),
                                                                                      rd_kafka_headers_destroy);
  std::map<std::string, std::string> found;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(list.get(), i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i)
    found[name] = std::string(static_cast<const char*>(value), size);
  return found;
}

TEST(FeedHeaders, SayWhatARecordIs) {
  const FeedHeaders headers("feed", "run", "murmur2/4", {2, 3});
  std::map<std::string, std::string> expected{{"stack-feed", "feed"}};
  EXPECT_EQ(headers_of(headers, BatchPlace::middle()), expected);
  expected.insert({{"content-type", "application/json"}, {"stack-schema", "1"}, {"stack-run", "run"}});
  EXPECT_EQ(headers_of(headers, BatchPlace::first()), expected);
  expected.insert({{"stack-position", "4000000000000000000"}, {"stack-layout", "murmur2/4"}, {"stack-shard", "2/3"}});
  EXPECT_EQ(headers_of(headers, BatchPlace::last(4'000'000'000'000'000'000U)), expected);
}

TEST(FeedHeaders, StandOnEveryRecordWhenAskedTo) {
  const FeedHeaders headers("feed", "run", "murmur2/4", {2, 3}, HeaderPlacement::record);
  EXPECT_EQ(headers_of(headers, BatchPlace::middle()), headers_of(headers, BatchPlace::first()));
  EXPECT_EQ(headers_of(headers, BatchPlace::middle()).at(kRunHeader), "run");
}

TEST(FeedHeaders, APlaceTravelsInAPointer) {
  EXPECT_EQ(BatchPlace::middle().opaque(), nullptr);
  for (const auto place : {BatchPlace::middle(), BatchPlace::first(), BatchPlace::last(0), BatchPlace::last(77)}) {
    EXPECT_EQ(BatchPlace::of(place.opaque()).position(), place.position());
    EXPECT_EQ(BatchPlace::of(place.opaque()).is_middle(), place.is_middle());
  }
  EXPECT_EQ(BatchPlace::last(0).position(), 0U);
  EXPECT_EQ(BatchPlace::first().position(), std::nullopt);
}

TEST(FeedHeaders, EveryRunHasAnIdOfItsOwn) {
  EXPECT_THAT(new_run_id(), MatchesRegex("[0-9a-f]{10}"));
  EXPECT_NE(new_run_id(), new_run_id());
}

TEST(RecordForm, JsonOfThisVersionIsRead) {
  for (const auto* type : {"application/json", "Application/JSON", "application/json; charset=utf-8",
                           "application/cloudevents+json", "application/json ;v=1"})
    EXPECT_TRUE(check_record_form(type, "1", {"t", 0, 5})) << type;
}

TEST(RecordForm, RecordsThatSayNothingAreRead) { EXPECT_TRUE(check_record_form({}, {}, {"t", 0, 5})); }

TEST(RecordForm, OtherContentIsRefusedByName) {
  for (const auto* type : {"application/avro", "", "json", "+json", "application/jsonx", "application/x-protobuf"}) {
    const auto checked = check_record_form(type, "1", {"ticks", 3, 77});
    ASSERT_FALSE(checked) << type;
    EXPECT_EQ(checked.error().kind, ErrorKind::conflict);
    EXPECT_THAT(checked.error().message,
                AllOf(HasSubstr("ticks/3@77"), HasSubstr("schema incompatible"), HasSubstr(type)));
  }
}

TEST(RecordForm, AnotherSchemaVersionIsRefusedByName) {
  for (const auto* schema : {"2", "0", "", "1.1"}) {
    const auto checked = check_record_form("application/json", schema, {"ticks", 3, 77});
    ASSERT_FALSE(checked) << schema;
    EXPECT_EQ(checked.error().kind, ErrorKind::conflict);
    EXPECT_THAT(checked.error().message,
                AllOf(HasSubstr("ticks/3@77"), HasSubstr("schema incompatible"), HasSubstr("version 1")));
  }
}

}  // namespace
}  // namespace stack::kafka
