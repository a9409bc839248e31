#include "running_broker.hpp"

#include <fmt/format.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): POSIX mkdtemp()
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <numeric>
#include <random>
#include <stdexcept>

#include "kafka/partitioner.hpp"

namespace stack::kafka::testing_support {
namespace {

template <class T>
T expect_value(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

std::vector<std::int64_t> ends_of(const TopicFacts& topic) {
  auto admin = expect_value(Admin::connect(connection_to_shared_broker()));
  std::vector<std::int64_t> ends;
  for (const auto& range : expect_value(admin.settled_offsets(topic))) ends.push_back(range.end);
  return ends;
}

// Programs of tests run side by side: were the ports alike, one's clients would find the other's broker at the address
// of their own while that is down. Below those that the kernel gives to outgoing connections.
std::uint16_t first_port() {
  constexpr std::uint16_t lowest = 10'000;
  constexpr std::uint16_t apart = 16;  // room for a few brokers of one program, two ports each
  constexpr unsigned places = 680;
  static const auto port = static_cast<std::uint16_t>(lowest + apart * (std::random_device{}() % places));
  return port;
}

}  // namespace

BrokerFolderForTest::BrokerFolderForTest() {
  std::string pattern = (std::filesystem::temp_directory_path() / "stack-broker-XXXXXX").native();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = pattern;
}

BrokerFolderForTest::~BrokerFolderForTest() {
  (void)broker_down(path_);
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Result<BrokerStatus> BrokerFolderForTest::up() const {
  return broker_up({.data = path_, .port = first_port(), .start_timeout = Milliseconds{60'000}});
}

const BrokerFolderForTest& shared_broker() {
  static const BrokerFolderForTest folder;
  static const auto started = expect_value(folder.up());
  return folder;
}

Connection connection_to_shared_broker() {
  const auto status = expect_value(broker_status(shared_broker().path()));
  return {.bootstrap_servers = status.bootstrap_servers, .properties = {}, .connect_timeout = Milliseconds{20'000}};
}

TopicFacts make_topic(std::int32_t partitions) {
  static std::atomic<int> number = 0;
  auto admin = expect_value(Admin::connect(connection_to_shared_broker()));
  return expect_value(admin.ensure_topic(
      {.name = fmt::format("topic-{}", ++number), .partitions = partitions, .replication = 1, .configs = {}}));
}

std::string FeedForTest::key(std::uint64_t position) { return fmt::format("SYM{}", position % 13); }

std::string FeedForTest::value(std::uint64_t position) {
  return fmt::format(R"({{"symbol":"{}","seq":{}}})", key(position), position);
}

std::int32_t FeedForTest::partition(std::uint64_t position) const { return partition_of(key(position), partitions_); }

Result<void> FeedForTest::send(Producer& producer, std::uint64_t first, std::uint64_t count) const {
  struct Batch {
    std::vector<std::string> keys;
    std::vector<std::string> values;
  };
  constexpr std::uint64_t at_once = 5'000;
  for (std::uint64_t begin = first; begin < first + count; begin += at_once) {
    const auto end = std::min(begin + at_once, first + count);
    Batch batch;
    for (auto position = begin; position < end; ++position) {
      batch.keys.push_back(key(position));
      batch.values.push_back(value(position));
    }
    std::vector<Record> records;
    records.reserve(batch.keys.size());
    for (std::size_t i = 0; i < batch.keys.size(); ++i) {
      records.push_back(
          {.key = batch.keys[i], .value = batch.values[i], .partition = partition(begin + i), .position = begin + i});
    }
    STACK_TRY(producer.send(records));
  }
  return {};
}

Result<void> FeedForTest::commit(Producer& producer, std::uint64_t first, std::uint64_t count) const {
  STACK_TRY(producer.begin());
  STACK_TRY(send(producer, first, count));
  return producer.commit();
}

Result<std::unique_ptr<Producer>> open_producer(const TopicFacts& topic, const std::string& feed_id) {
  return Producer::open(connection_to_shared_broker(),
                        {.topic = topic.name,
                         .partitions = topic.partitions,
                         .feed_id = feed_id,
                         .transactional_id = fmt::format("{}-{}", topic.name, feed_id)},
                        nullptr);
}

void read_topic(const TopicFacts& topic, const std::function<void(const Message&)>& see) {
  const auto ends = ends_of(topic);
  std::vector<PartitionOffset> from;
  for (std::int32_t partition = 0; partition < topic.partitions; ++partition) {
    if (ends[static_cast<std::size_t>(partition)] > 0) from.push_back({partition, 0});
  }
  if (from.empty()) return;
  auto consumer = expect_value(Consumer::assign(connection_to_shared_broker(), topic.name, from, {}));
  std::vector<bool> done(ends.size(), false);
  std::size_t left = from.size();
  while (left > 0) {
    const auto batch = expect_value(consumer->poll(Milliseconds{100}));
    for (std::size_t i = 0; i < batch.size(); ++i) see(batch[i]);
    for (const auto& end : batch.ends()) {
      const auto partition = static_cast<std::size_t>(end.partition);
      if (done[partition] || end.offset < ends[partition]) continue;
      done[partition] = true;
      --left;
    }
  }
}

std::vector<std::uint64_t> positions_in(const TopicFacts& topic) {
  const FeedForTest feed(topic.partitions);
  std::vector<std::uint64_t> positions;
  read_topic(topic, [&](const Message& message) {
    const auto value = message.value();
    const auto digits = value.substr(value.find("seq") + 5);
    std::uint64_t position = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), position);
    EXPECT_EQ(value, FeedForTest::value(position));
    EXPECT_EQ(message.key(), FeedForTest::key(position));
    EXPECT_EQ(message.partition(), feed.partition(position));
    positions.push_back(position);
  });
  std::ranges::sort(positions);
  return positions;
}

std::vector<std::uint64_t> first_positions(std::uint64_t count) {
  std::vector<std::uint64_t> positions(count);
  std::iota(positions.begin(), positions.end(), std::uint64_t{0});
  return positions;
}

std::string shell(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  std::string text;
  std::array<char, 4096> chunk{};
  while (pipe) {
    const auto count = std::fread(chunk.data(), 1, chunk.size(), pipe.get());
    if (count == 0) break;
    text.append(chunk.data(), count);
  }
  return text;
}

}  // namespace stack::kafka::testing_support
