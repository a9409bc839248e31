#include "lake_fixture.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "core/time.hpp"
#include "kafka/partitioner.hpp"

namespace stack::lake::testing_support {
namespace {

namespace fs = std::filesystem;
using kafka::testing_support::connection_to_shared_broker;

constexpr std::array kSymbols{"HSI", "NYA", "IXIC", "GDAXI", "N225", "SSMI", "TWII"};

fs::path temporary_folder() {
  std::string pattern = (fs::temp_directory_path() / "stack-lake-XXXXXX").native();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  return pattern;
}

std::string symbol_of(std::uint64_t position) { return kSymbols.at(position % kSymbols.size()); }

}  // namespace

namespace {

// Starts COMMAND with its output in the file OUTPUT.
pid_t spawn(std::vector<std::string> words, const std::map<std::string, std::string>& environment,
            const fs::path& output) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (out < 0) ::_exit(127);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

Process::Process(const std::vector<std::string>& command, const std::map<std::string, std::string>& environment)
    : output_(temporary_folder() / "output"), pid_(spawn(command, environment, output_)) {}

Process::~Process() {
  if (status_ < 0) {
    signal(SIGKILL);
    wait();
  }
  std::error_code ignored;
  fs::remove_all(output_.parent_path(), ignored);
}

void Process::signal(int number) const { ::kill(pid_, number); }

int Process::wait(std::chrono::seconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (status_ < 0 && std::chrono::steady_clock::now() < deadline) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
  }
  return status_;
}

std::string Process::output() const {
  std::ostringstream text;
  text << std::ifstream(output_).rdbuf();
  return text.str();
}

std::string tick(std::uint64_t position) {
  const Date date = Date{std::chrono::days{18'000 + static_cast<std::int64_t>(position / 5'000)}};
  const Micros time = Micros{date} + std::chrono::microseconds{position % 5'000 * 17};
  return fmt::format(R"({{"symbol":"{}","session_date":"{}","event_time":"{}","seq":{},"price":{}.{},"size":{}}})",
                     symbol_of(position), format_date(date), format_micros(time), position / kSymbols.size(),
                     20'000 + position % 977, position % 9 + 1, position % 1'000);
}

LakeTest::LakeTest() : folder_(temporary_folder()), lake_(folder_ / "lake") {}

LakeTest::~LakeTest() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void LakeTest::produce(const kafka::TopicFacts& topic, std::uint64_t first, std::uint64_t count, std::uint64_t batch,
                       const std::string& feed) {
  auto producer = kafka::testing_support::open_producer(topic, feed).value();
  for (std::uint64_t begin = first; begin < first + count; begin += batch) {
    const std::uint64_t end = std::min(begin + batch, first + count);
    struct Texts {
      std::vector<std::string> keys, values;
    };
    auto texts = std::make_shared<Texts>();
    std::vector<kafka::Record> records;
    records.reserve(end - begin);
    texts->keys.reserve(end - begin);
    texts->values.reserve(end - begin);
    for (auto position = begin; position < end; ++position) {
      texts->keys.push_back(symbol_of(position));
      texts->values.push_back(tick(position));
    }
    for (std::size_t i = 0; i < texts->keys.size(); ++i) {
      records.push_back({.key = texts->keys[i],
                         .value = texts->values[i],
                         .partition = kafka::partition_of(texts->keys[i], topic.partitions),
                         .position = begin + i});
    }
    ASSERT_TRUE(producer->begin());
    ASSERT_TRUE(producer->send(records));
    ASSERT_TRUE(producer->commit());
  }
}

void LakeTest::produce_values(const kafka::TopicFacts& topic, const std::vector<std::string>& values, bool commit,
                              const std::string& feed) {
  auto producer = kafka::testing_support::open_producer(topic, feed).value();
  std::vector<kafka::Record> records;
  records.reserve(values.size());
  for (const std::string& value : values)
    records.push_back({.key = "k", .value = value, .partition = 0, .position = records.size()});
  ASSERT_TRUE(producer->begin());
  ASSERT_TRUE(producer->send(records));
  if (commit) {
    ASSERT_TRUE(producer->commit());
  } else {
    producer->abort();
  }
}

void LakeTest::cut_log(const kafka::TopicFacts& topic) {
  const auto& broker = kafka::testing_support::shared_broker();
  ::kill(kafka::broker_status(broker.path()).value().pid, SIGKILL);
  for (const auto& entry : fs::recursive_directory_iterator(broker.path())) {
    const fs::path& path = entry.path();
    if (path.extension() != ".log" || path.parent_path().filename() != topic.name + "-0") continue;
    fs::resize_file(path, fs::file_size(path) / 2);
  }
  ASSERT_TRUE(broker.up());
}

std::unique_ptr<Process> LakeTest::start_sink(const kafka::TopicFacts& topic, const Options& options,
                                              const std::string& crash_at, const fs::path& lake) const {
  std::vector<std::string> command{STACK_SINK_PROCESS, connection_to_shared_broker().bootstrap_servers, topic.name,
                                   (lake.empty() ? lake_ : lake).native()};
  command.insert(command.end(), options.begin(), options.end());
  std::map<std::string, std::string> environment;
  if (!crash_at.empty()) environment["STACK_CRASH_AT"] = crash_at;
  return std::make_unique<Process>(command, environment);
}

std::string LakeTest::sink(const kafka::TopicFacts& topic, const Options& options) const {
  const auto process = start_sink(topic, options);
  EXPECT_EQ(process->wait(), 0) << process->output();
  return process->output();
}

VerifyResult LakeTest::audit(const kafka::TopicFacts& topic, const fs::path& lake) const {
  const auto store = FolderStore::open(lake.empty() ? lake_ : lake, FolderStore::IfMissing::refuse).value();
  VerifyProgress progress;
  const StopFlag stop;
  auto result = verify({.topic = topic.name}, connection_to_shared_broker(), *store, stop, progress);
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

void LakeTest::expect_exactly_once(const kafka::TopicFacts& topic, std::uint64_t records) const {
  const VerifyResult result = audit(topic);
  EXPECT_EQ(result.lost, 0U);
  EXPECT_EQ(result.duplicated, 0U);
  EXPECT_EQ(result.records, records);
  EXPECT_EQ(result.rows + result.dead_letters, records);
  for (const auto& message : result.messages) ADD_FAILURE() << message;
}

std::vector<std::string> LakeTest::files(std::string_view prefix) const {
  const auto store = FolderStore::open(lake_).value();
  const auto objects = store->list(prefix).value();
  std::vector<std::string> keys;
  keys.reserve(objects.size());
  for (const auto& object : objects) keys.push_back(object.key);
  return keys;
}

void LakeTest::until_files(std::size_t count) const {
  for (int i = 0; i < 600 && files("ticks/").size() < count; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  ASSERT_GE(files("ticks/").size(), count);
}

}  // namespace stack::lake::testing_support
