#include "core/stoppable_wait.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace stack {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST(StoppableWait, LastsAsLongAsItIsToldUnlessItIsStopped) {
  const StopFlag never;
  for (const StopFlag* stop : {&never, static_cast<const StopFlag*>(nullptr)}) {
    const auto began = steady_clock::now();
    EXPECT_TRUE(wait_unless_stopped(milliseconds{120}, stop));
    EXPECT_GE(steady_clock::now() - began, milliseconds{120});
  }
  EXPECT_TRUE(wait_unless_stopped(milliseconds{0}, &never));
}

TEST(StoppableWait, EndsSoonAfterItIsStopped) {
  StopFlag stop;
  steady_clock::time_point stopped;
  std::jthread stopper{[&] {
    std::this_thread::sleep_for(milliseconds{80});
    stopped = steady_clock::now();
    stop.request();
  }};
  EXPECT_FALSE(wait_unless_stopped(std::chrono::hours{1}, &stop));
  stopper.join();
  EXPECT_LT(steady_clock::now() - stopped, kStopUnseen + milliseconds{200});  // 200: a machine that is busy
}

TEST(StoppableWait, DoesNotBeginOnceItIsStopped) {
  StopFlag stop;
  stop.request();
  EXPECT_FALSE(wait_unless_stopped(std::chrono::hours{1}, &stop));
  EXPECT_FALSE(wait_unless_stopped(milliseconds{0}, &stop));
}

}  // namespace
}  // namespace stack
