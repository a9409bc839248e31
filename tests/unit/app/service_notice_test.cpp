#include "app/service_notice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>

namespace stack::app {
namespace {

using ::testing::HasSubstr;

// The service manager's end: an abstract socket, which $NOTIFY_SOCKET names while it lives.
class Manager {
 public:
  Manager() : socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
    const std::string name = "@stack-notice-" + std::to_string(::getpid());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, name.size());
    address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    EXPECT_EQ(::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~Manager() { ::unsetenv("NOTIFY_SOCKET"); }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  [[nodiscard]] std::string next() const {
    std::array<char, 256> message{};
    const auto got = ::recv(socket_.get(), message.data(), message.size(), 0);
    return got < 0 ? "nothing" : std::string{message.data(), static_cast<std::size_t>(got)};
  }
  [[nodiscard]] bool silent() const {
    char byte{};
    return ::recv(socket_.get(), &byte, 1, MSG_DONTWAIT) < 0;
  }

 private:
  UniqueFd socket_;
};

TEST(ServiceNotice, TellsReadinessStatusAndTheEndInOrder) {
  const Manager manager;
  std::atomic<bool> ready = false;
  std::atomic<int> asked = 0;
  StopFlag stop;
  auto notice = ServiceNotice::open(
      [&] {
        ++asked;
        return ready.load();
      },
      [] { return "3 landed"; }, stop);
  ASSERT_TRUE(notice) << notice.error().message;
  ASSERT_NE(*notice, nullptr);
  while (asked < 3) std::this_thread::yield();
  EXPECT_TRUE(manager.silent()) << "told before it was ready";
  ready = true;
  EXPECT_EQ(manager.next(), "READY=1");
  EXPECT_EQ(manager.next(), "STATUS=3 landed");
  stop.request();
  EXPECT_EQ(manager.next(), "STOPPING=1");
  notice->reset();
  EXPECT_TRUE(manager.silent());
}

TEST(ServiceNotice, AnEndThatNobodyAskedForIsTold) {
  const Manager manager;
  StopFlag stop;
  auto notice = ServiceNotice::open([] { return false; }, [] { return ""; }, stop);
  ASSERT_TRUE(notice);
  notice->reset();
  EXPECT_EQ(manager.next(), "STOPPING=1");
}

TEST(ServiceNotice, ReadinessThatComesWithTheEndIsTold) {
  const Manager manager;
  std::atomic<bool> ready = false;
  StopFlag stop;
  auto notice = ServiceNotice::open([&] { return ready.load(); }, [] { return ""; }, stop);
  ASSERT_TRUE(notice);
  ready = true;
  stop.request();
  notice->reset();
  EXPECT_EQ(manager.next(), "READY=1");
}

TEST(ServiceNotice, IsNoneOutsideOfAService) {
  ::unsetenv("NOTIFY_SOCKET");
  StopFlag stop;
  const auto notice = ServiceNotice::open([] { return true; }, [] { return ""; }, stop);
  ASSERT_TRUE(notice);
  EXPECT_EQ(*notice, nullptr);
}

TEST(ServiceNotice, ASocketThatIsNotThereIsAnError) {
  StopFlag stop;
  for (const std::string& name : {std::string{"/nonexistent/notify"}, std::string(200, 'x')}) {
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    const auto notice = ServiceNotice::open([] { return true; }, [] { return ""; }, stop);
    ::unsetenv("NOTIFY_SOCKET");
    ASSERT_FALSE(notice);
    EXPECT_EQ(notice.error().kind, ErrorKind::usage);
    EXPECT_THAT(notice.error().message, HasSubstr(name));
  }
}

}  // namespace
}  // namespace stack::app
