// The program's own cnd_timedwait keeps C11's promises. That a clock which is set back does not prolong it is shown by
// `scripts/chaos --only clock-jumps`, which shifts a process's clock.
#include <gtest/gtest.h>
#include <threads.h>

#include <chrono>
#include <ctime>
#include <thread>

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

timespec wall_clock_in(long ms) {
  timespec until{};
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += ms / 1000;
  until.tv_nsec += ms % 1000 * 1'000'000;
  if (until.tv_nsec >= 1'000'000'000) until = {until.tv_sec + 1, until.tv_nsec - 1'000'000'000};
  return until;
}

class SteadyWaits : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(mtx_init(&mutex_, mtx_plain), thrd_success);
    ASSERT_EQ(cnd_init(&condition_), thrd_success);
    mtx_lock(&mutex_);
  }
  void TearDown() override {
    mtx_unlock(&mutex_);
    cnd_destroy(&condition_);
    mtx_destroy(&mutex_);
  }
  mtx_t mutex_{};
  cnd_t condition_{};
};

TEST_F(SteadyWaits, TheTimeIsWaitedFor) {
  const auto began = steady_clock::now();
  const timespec until = wall_clock_in(80);
  EXPECT_EQ(cnd_timedwait(&condition_, &mutex_, &until), thrd_timedout);
  EXPECT_GE(steady_clock::now() - began, milliseconds(75));
  EXPECT_EQ(cnd_timedwait(&condition_, &mutex_, &until), thrd_timedout) << "the same end once more is over at once";
  EXPECT_LT(steady_clock::now() - began, milliseconds(5000));
}

TEST_F(SteadyWaits, APastMomentIsOverAtOnce) {
  const auto began = steady_clock::now();
  for (const long ago : {-10L, -1000L, -1'000'000L}) {
    const timespec until = wall_clock_in(ago);
    EXPECT_EQ(cnd_timedwait(&condition_, &mutex_, &until), thrd_timedout) << ago;
  }
  EXPECT_LT(steady_clock::now() - began, milliseconds(5000));
}

TEST_F(SteadyWaits, ASignalEndsTheWait) {
  bool told = false;
  std::thread other([&] {
    mtx_lock(&mutex_);
    told = true;
    cnd_signal(&condition_);
    mtx_unlock(&mutex_);
  });
  const timespec until = wall_clock_in(20'000);
  while (!told) ASSERT_EQ(cnd_timedwait(&condition_, &mutex_, &until), thrd_success);
  other.join();
}

}  // namespace
