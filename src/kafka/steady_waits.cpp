// librdkafka waits until moments of the wall clock: set back by an hour, every one of its timed waits would last an
// hour longer. So the program has a cnd_timedwait of its own, which librdkafka's calls are bound to instead of glibc's:
// the same wait, by the clock that nobody sets. Thread-safety and failure: as C11's.
#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <ctime>

namespace {

constexpr long kNanos = 1'000'000'000;

static_assert(sizeof(mtx_t) >= sizeof(pthread_mutex_t), "a mtx_t holds a pthread_mutex_t");
static_assert(sizeof(cnd_t) >= sizeof(pthread_cond_t), "a cnd_t holds a pthread_cond_t");

// The moment of the steady clock at which the wall clock, if nobody sets it, comes to UNTIL.
timespec steady(const timespec& until) {
  timespec wall{};
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &wall);
  clock_gettime(CLOCK_MONOTONIC, &now);
  timespec end{now.tv_sec + until.tv_sec - wall.tv_sec, now.tv_nsec + until.tv_nsec - wall.tv_nsec};
  while (end.tv_nsec >= kNanos) end = {end.tv_sec + 1, end.tv_nsec - kNanos};
  while (end.tv_nsec < 0) end = {end.tv_sec - 1, end.tv_nsec + kNanos};
  return end.tv_sec < 0 ? timespec{} : end;
}

}  // namespace

// librdkafka computes a wait's end once and comes again with it after each wake-up, when the clock may have been set:
// the end that was found at first holds.
extern "C" int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  thread_local timespec last{};
  thread_local timespec end{};
  if (last.tv_sec != until->tv_sec || last.tv_nsec != until->tv_nsec) {
    last = *until;
    end = steady(*until);
  }
  const int error = pthread_cond_clockwait(reinterpret_cast<pthread_cond_t*>(condition),
                                           reinterpret_cast<pthread_mutex_t*>(mutex), CLOCK_MONOTONIC, &end);
  if (error == ETIMEDOUT) return thrd_timedout;
  return error == 0 ? thrd_success : thrd_error;
}
