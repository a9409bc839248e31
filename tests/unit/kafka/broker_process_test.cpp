#include "kafka/broker_process.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace stack::kafka {
namespace {

class BrokerProcess : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "stack-process-XXXXXX").native();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Command shell(const std::string& script) const {
    return {.arguments = {"/bin/sh", "-c", script},
            .environment = {"PATH=/usr/bin:/bin", "GREETING=hello"},
            .working_folder = folder_,
            .output = folder_ / "output",
            .ends_with_parent = false};
  }
  std::string output() const {
    std::stringstream text;
    text << std::ifstream(folder_ / "output").rdbuf();
    return text.str();
  }

  std::filesystem::path folder_;
};

Result<void> unrecorded(const ProcessIdentity& /*process*/) { return {}; }

TEST_F(BrokerProcess, RunsWithItsOwnEnvironmentAndOutput) {
  const auto status = run_to_end(shell("echo $GREETING from $(pwd); echo and >&2; exit 3"));
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(*status, 3);
  EXPECT_EQ(output(), "hello from " + folder_.native() + "\nand\n");
}

TEST_F(BrokerProcess, HoldsNoDescriptorOfOurs) {
  ASSERT_TRUE(run_to_end(shell("ls /proc/self/fd | wc -l")));
  EXPECT_EQ(output(), "4\n");  // three, and ls's own of the folder
}

TEST_F(BrokerProcess, ThatCannotBeStartedSaysSoByItsStatus) {
  auto command = shell("");
  command.arguments = {"/nonexistent"};
  const auto status = run_to_end(command);
  ASSERT_TRUE(status);
  EXPECT_EQ(*status, 127);
}

TEST_F(BrokerProcess, IsAliveUntilItEnds) {
  const auto process = start_detached(shell("exec sleep 60"), unrecorded);
  ASSERT_TRUE(process) << process.error().message;
  EXPECT_TRUE(is_alive(*process));
  EXPECT_FALSE(wait_until_gone(*process, Milliseconds{50}));
  EXPECT_NE(::getsid(process->pid), ::getsid(0)) << "a terminal's Ctrl-C would reach it";
  ::kill(process->pid, SIGKILL);
  EXPECT_TRUE(wait_until_gone(*process, Milliseconds{5'000}));
  EXPECT_FALSE(is_alive(*process));
}

TEST_F(BrokerProcess, WithARecycledPidIsNotTakenForIt) {
  const auto process = start_detached(shell("exec sleep 60"), unrecorded);
  ASSERT_TRUE(process);
  auto former = *process;
  former.start_ticks -= 1;
  EXPECT_FALSE(is_alive(former));
  ::kill(process->pid, SIGKILL);
  EXPECT_TRUE(wait_until_gone(*process, Milliseconds{5'000}));
}

TEST_F(BrokerProcess, DoesNotBeginUnlessItWasRecorded) {
  const auto process = start_detached(shell("echo began"), [](const ProcessIdentity&) -> Result<void> {
    return fail(ErrorKind::storage, "disk full");
  });
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().message, "disk full");
  EXPECT_EQ(output(), "");
}

TEST(ResidentBytes, OfThisProcessAreSome) {
  EXPECT_GT(resident_bytes(::getpid()), 1U << 20);
  EXPECT_EQ(resident_bytes(-1), 0U);
}

}  // namespace
}  // namespace stack::kafka
