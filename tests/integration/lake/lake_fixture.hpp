// A topic of ticks on a real broker, a lake folder, and sinks as processes that can be killed.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "../kafka/running_broker.hpp"
#include "lake/folder_store.hpp"
#include "lake/verify.hpp"

namespace stack::lake::testing_support {

// Another process, killed with its owner.
class Process {
 public:
  Process(const std::vector<std::string>& command, const std::map<std::string, std::string>& environment);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;
  // Its exit code; 128 + the signal that ended it. -1 if it lives on after TIMEOUT.
  int wait(std::chrono::seconds timeout = std::chrono::seconds{120});
  // What it wrote to standard output and standard error, once it has ended.
  [[nodiscard]] std::string output() const;

 private:
  std::filesystem::path output_;
  pid_t pid_;
  int status_ = -1;
};

// A tick in the event contract's form: its seq counts per symbol, its day moves on every 5,000 events.
[[nodiscard]] std::string tick(std::uint64_t position);

class LakeTest : public testing::Test {
 public:
  ~LakeTest() override;

 protected:
  LakeTest();

  // COUNT ticks from FIRST on, in transactions of BATCH.
  void produce(const kafka::TopicFacts& topic, std::uint64_t first, std::uint64_t count, std::uint64_t batch = 20'000,
               const std::string& feed = "feed");
  // VALUES as they are, in one transaction, which is committed or aborted.
  void produce_values(const kafka::TopicFacts& topic, const std::vector<std::string>& values, bool commit = true,
                      const std::string& feed = "feed");

  // Kills the broker, takes the last part of the log of partition 0 away as a power cut may, and starts the broker.
  static void cut_log(const kafka::TopicFacts& topic);

  using Options = std::vector<std::string>;  // name=value, as sink_process takes them
  [[nodiscard]] std::unique_ptr<Process> start_sink(const kafka::TopicFacts& topic, const Options& options = {},
                                                    const std::string& crash_at = {},
                                                    const std::filesystem::path& lake = {}) const;
  // Runs a sink until the end; fails the test unless it succeeds.
  std::string sink(const kafka::TopicFacts& topic, const Options& options = {}) const;
  [[nodiscard]] VerifyResult audit(const kafka::TopicFacts& topic, const std::filesystem::path& lake = {}) const;
  // 0 lost, 0 duplicated, RECORDS in all.
  void expect_exactly_once(const kafka::TopicFacts& topic, std::uint64_t records) const;
  [[nodiscard]] std::vector<std::string> files(std::string_view prefix) const;
  // Waits until the table has COUNT files.
  void until_files(std::size_t count) const;

  [[nodiscard]] const std::filesystem::path& lake() const { return lake_; }

 private:
  std::filesystem::path folder_;
  std::filesystem::path lake_;
};

}  // namespace stack::lake::testing_support
