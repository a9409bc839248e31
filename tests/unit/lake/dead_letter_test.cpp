#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "lake/dead_letter_reader.hpp"
#include "lake/folder_store.hpp"
#include "temporary_folder.hpp"

namespace stack::lake {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Lane kLane{"ticks", "events", 3};

std::string line_of(std::int64_t offset, std::string_view key, std::string_view value, std::string_view reason) {
  std::string line;
  append_dead_letter(line, kLane, {offset, 1622165400004, key, value, reason});
  return line;
}

RC_GTEST_PROP(DeadLetters, AreReadBackAsTheyWereWritten, ()) {
  const auto bytes_or_null = [] {
    const auto bytes = *rc::gen::arbitrary<std::string>();
    return *rc::gen::arbitrary<bool>() ? std::optional(bytes) : std::nullopt;
  };
  const std::optional<std::string> key = bytes_or_null();
  const std::optional<std::string> value = bytes_or_null();
  const auto view = [](const std::optional<std::string>& bytes) {
    return bytes ? std::string_view(bytes->data(), bytes->size()) : std::string_view{};
  };
  std::string line = line_of(17, view(key), view(value), "not a JSON object");
  RC_ASSERT(line.find('\n') == line.size() - 1);
  line.pop_back();
  const auto letter = parse_dead_letter(line);
  RC_ASSERT(letter.has_value());
  RC_ASSERT(letter->key == key);
  RC_ASSERT(letter->value == value);
  RC_ASSERT(letter->offset == 17);
  RC_ASSERT(letter->partition == 3);
  RC_ASSERT(letter->topic == "events");
}

RC_GTEST_PROP(Base64, IsDecodedToWhatWasEncoded, (const std::string& bytes)) {
  RC_ASSERT(from_base64(base64(bytes)) == bytes);
}

TEST(Base64, ThatIsNoneIsRefused) {
  for (const char* wrong : {"A", "AB=", "A===", "====", "AB=C", "A*==", "AAAA=AAA"}) EXPECT_FALSE(from_base64(wrong));
}

class DeadLetterFiles : public testing::Test {
 protected:
  DeadLetterFiles() {
    write(0, line_of(1, "k", "[]", "not a JSON object") + line_of(4, {}, {}, "null value"));
    write(10, line_of(12, "k", "{", "null value"));
  }
  void write(std::int64_t first, const std::string& lines) {
    ASSERT_TRUE(store_->put(dead_letter_key(kLane, first), lines));
  }
  std::vector<std::int64_t> offsets(const DeadLetterFilter& filter, std::size_t most = 100) {
    std::vector<std::int64_t> found;
    const auto read =
        for_each_dead_letter(*store_, "ticks", filter, [&](const std::string&, const StoredDeadLetter& letter) {
          found.push_back(letter.offset);
          return Result<bool>(found.size() < most);
        });
    EXPECT_TRUE(read) << read.error().message;
    return found;
  }

  TemporaryFolder folder_;
  std::unique_ptr<FolderStore> store_ = FolderStore::open(folder_.path()).value();
};

TEST_F(DeadLetterFiles, AreFilteredByTopicPartitionAndReason) {
  EXPECT_THAT(offsets({}), ElementsAre(1, 4, 12));
  EXPECT_THAT(offsets({.topic = "events", .partitions = {1, 3}, .reason = "null"}), ElementsAre(4, 12));
  EXPECT_THAT(offsets({.topic = "other", .partitions = {}, .reason = {}}), ElementsAre());
  EXPECT_THAT(offsets({.topic = {}, .partitions = {1}, .reason = {}}), ElementsAre());
  EXPECT_THAT(offsets({}, 2), ElementsAre(1, 4));
  EXPECT_THAT(tables_with_dead_letters(*store_).value(), ElementsAre("ticks"));
}

TEST_F(DeadLetterFiles, ThatAreDamagedAreNamed) {
  write(20, "{\"topic\":1}\n");
  const auto read =
      for_each_dead_letter(*store_, "ticks", {}, [](const auto&, const auto&) { return Result<bool>(true); });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::storage);
  EXPECT_THAT(read.error().message, HasSubstr("events+3+00000000000000000020.ndjson"));
}

}  // namespace
}  // namespace stack::lake
