#include "kafka/local_broker.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX kill()
#include <sys/socket.h>

#include <fstream>
#include <future>
#include <string>
#include <vector>

#include "core/unique_fd.hpp"
#include "running_broker.hpp"

namespace stack::kafka {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing_support::BrokerFolderForTest;
using testing_support::shell;

// Listens on a port of 127.0.0.1 until it goes.
UniqueFd occupy(std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM, 0));
  if (!fd) return fd;
  const int yes = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(fd.get(), 1) != 0)
    fd.reset();
  return fd;
}

TEST(LocalBroker, GoesUpAndDownAndKeepsItsTopics) {
  const BrokerFolderForTest folder;
  const auto before = broker_status(folder.path());
  ASSERT_TRUE(before);
  EXPECT_FALSE(before->running);

  const auto up = folder.up();
  ASSERT_TRUE(up) << up.error().message;
  EXPECT_TRUE(up->running);
  EXPECT_TRUE(up->started_now);
  EXPECT_GT(up->resident_bytes, 50U << 20);
  EXPECT_LT(up->resident_bytes, 450U << 20);
  std::string cluster;
  {
    auto admin = Admin::connect({.bootstrap_servers = up->bootstrap_servers, .properties = {}});
    ASSERT_TRUE(admin) << admin.error().message;
    cluster = admin->cluster_id().value();
    ASSERT_TRUE(admin->create_topic({.name = "kept", .partitions = 3, .replication = 1, .configs = {}}));
  }

  const auto again = folder.up();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_FALSE(again->started_now);
  EXPECT_EQ(again->pid, up->pid);

  const auto down = broker_down(folder.path());
  ASSERT_TRUE(down) << down.error().message;
  EXPECT_FALSE(down->running);
  EXPECT_FALSE(broker_status(folder.path())->running);
  EXPECT_TRUE(broker_down(folder.path())) << "down twice is no error";

  const auto restarted = folder.up();
  ASSERT_TRUE(restarted) << restarted.error().message;
  EXPECT_NE(restarted->pid, up->pid);
  EXPECT_EQ(restarted->port, up->port);
  auto admin = Admin::connect({.bootstrap_servers = restarted->bootstrap_servers, .properties = {}});
  ASSERT_TRUE(admin) << admin.error().message;
  EXPECT_EQ(admin->cluster_id().value(), cluster);
  EXPECT_EQ(admin->existing_topic("kept").value().partitions, 3);
}

TEST(LocalBroker, ComesBackOnItsPortAfterAKill) {
  const BrokerFolderForTest folder;
  const auto up = folder.up();
  ASSERT_TRUE(up) << up.error().message;
  for (int round = 0; round < 2; ++round) {
    ::kill(broker_status(folder.path())->pid, SIGKILL);
    const auto back = folder.up();
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_TRUE(back->started_now);
    EXPECT_EQ(back->port, up->port);
  }
}

TEST(LocalBroker, IsStartedOnceByThoseWhoRace) {
  const BrokerFolderForTest folder;
  std::vector<std::future<Result<BrokerStatus>>> racers;
  racers.reserve(4);
  for (int i = 0; i < 4; ++i) racers.push_back(std::async(std::launch::async, [&] { return folder.up(); }));
  int started = 0;
  pid_t pid = 0;
  for (auto& racer : racers) {
    const auto status = racer.get();
    ASSERT_TRUE(status) << status.error().message;
    started += status->started_now ? 1 : 0;
    if (pid == 0) pid = status->pid;
    EXPECT_EQ(status->pid, pid);
  }
  EXPECT_EQ(started, 1);
}

TEST(LocalBroker, TakesAnotherPortAndKeepsIt) {
  const BrokerFolderForTest folder;
  auto taken = occupy(19'092);  // if the port is taken already, all the better
  const auto up = folder.up();
  ASSERT_TRUE(up) << up.error().message;
  EXPECT_NE(up->port, 19'092);
  ASSERT_TRUE(broker_down(folder.path()));
  taken.reset();
  const auto again = folder.up();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->port, up->port) << "clients know it by this port";
}

TEST(LocalBroker, ListensOnThisMachineAlone) {
  const BrokerFolderForTest folder;
  const auto up = folder.up();
  ASSERT_TRUE(up) << up.error().message;
  // /proc/net/tcp6 and tcp: local address, state 0A is LISTEN.
  const auto open_to_all = shell(
      "cat /proc/net/tcp /proc/net/tcp6 | awk '$4==\"0A\" {print $2, $10}' | while read a i; do "
      "ls -l /proc/" +
      std::to_string(up->pid) + "/fd 2>/dev/null | grep -q \"socket:.$i\\]\" && echo $a; done");
  EXPECT_THAT(open_to_all, testing::MatchesRegex("((0000000000000000FFFF0000)?0100007F:[0-9A-F]{4}\n){2}"));
}

TEST(LocalBroker, ThatDiesAtItsStartSaysWhyAndWhere) {
  const BrokerFolderForTest folder;
  ASSERT_TRUE(folder.up());
  ASSERT_TRUE(broker_down(folder.path()));
  // What a mixed-up data folder looks like: the records of another cluster's node.
  std::ofstream(folder.path() / "records" / "meta.properties") << "version=1\nnode.id=7\ncluster.id=x\n";
  const auto up = folder.up();
  ASSERT_FALSE(up);
  EXPECT_EQ(up.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(up.error().message, AllOf(HasSubstr("died at its start"), HasSubstr("node"), HasSubstr("broker.")));
}

TEST(LocalBroker, FolderThatCannotBeMadeIsNamed) {
  const auto up = broker_up({.data = "/proc/nowhere/broker"});
  ASSERT_FALSE(up);
  EXPECT_EQ(up.error().kind, ErrorKind::storage);
  EXPECT_THAT(up.error().message, HasSubstr("/proc/nowhere/broker"));
}

TEST(LocalBroker, ThatIsLateIsLeftStarting) {
  const BrokerFolderForTest folder;
  ASSERT_TRUE(folder.up());
  ASSERT_TRUE(broker_down(folder.path()));
  const auto late = broker_up({.data = folder.path(), .port = 19'092, .start_timeout = Milliseconds{50}});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::unreachable);
  EXPECT_TRUE(broker_status(folder.path())->running);
  const auto up = folder.up();
  ASSERT_TRUE(up) << up.error().message;
  EXPECT_FALSE(up->started_now);
}

}  // namespace
}  // namespace stack::kafka
