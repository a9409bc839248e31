/* Shifts the wall clock of the process it is preloaded into (LD_PRELOAD) by the seconds that stand, as a 64-bit number,
   in the file $SHIFTED_CLOCK; the test may change them at any time. Clocks that only go forward stay as they are. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t* shift_of_file(void) {
  static const volatile int64_t* shift;
  static const int64_t none = 0;
  if (shift != NULL) return shift;
  const char* path = getenv("SHIFTED_CLOCK");
  int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  void* mapped = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
  if (fd >= 0) close(fd);
  shift = mapped == MAP_FAILED ? &none : mapped;
  return shift;
}

static int is_wall(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

int clock_gettime(clockid_t clock, struct timespec* now) {
  int result = (int)syscall(SYS_clock_gettime, clock, now);
  if (result == 0 && is_wall(clock)) now->tv_sec += *shift_of_file();
  return result;
}

int timespec_get(struct timespec* now, int base) {
  return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}

int gettimeofday(struct timeval* restrict now, void* restrict zone) {
  struct timespec precise;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &precise);
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* out) {
  struct timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  if (out != NULL) *out = precise.tv_sec;
  return precise.tv_sec;
}

/* Waits until a moment of the wall clock end when the shifted clock comes to it, as they do when a clock is set: they are
   cut into short ones. */
static const long kSlice = 20000000; /* ns */

static int is_over(const struct timespec* until) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec > until->tv_sec || (now.tv_sec == until->tv_sec && now.tv_nsec >= until->tv_nsec);
}

static struct timespec end_of_slice(void) {
  struct timespec end;
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &end);
  end.tv_nsec += kSlice;
  if (end.tv_nsec >= 1000000000) {
    end.tv_nsec -= 1000000000;
    ++end.tv_sec;
  }
  return end;
}

int pthread_cond_timedwait(pthread_cond_t* restrict cond, pthread_mutex_t* restrict mutex,
                           const struct timespec* restrict until) {
  static int (*next)(pthread_cond_t*, pthread_mutex_t*, const struct timespec*);
  if (next == NULL) *(void**)&next = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
  /* A condition's clock cannot be asked for; no machine has been up for the 30 years that tell the two apart. */
  if (until->tv_sec < 1000000000) return next(cond, mutex, until);
  while (!is_over(until)) {
    const struct timespec end = end_of_slice();
    const int result = next(cond, mutex, &end);
    if (result != ETIMEDOUT) return result;
  }
  return ETIMEDOUT;
}

int cnd_timedwait(cnd_t* restrict cond, mtx_t* restrict mutex, const struct timespec* restrict until) {
  const int result = pthread_cond_timedwait((pthread_cond_t*)cond, (pthread_mutex_t*)mutex, until);
  return result == 0 ? thrd_success : result == ETIMEDOUT ? thrd_timedout : thrd_error;
}

int sem_timedwait(sem_t* restrict semaphore, const struct timespec* restrict until) {
  static int (*next)(sem_t*, const struct timespec*);
  if (next == NULL) *(void**)&next = dlsym(RTLD_NEXT, "sem_timedwait");
  while (!is_over(until)) {
    const struct timespec end = end_of_slice();
    if (next(semaphore, &end) == 0) return 0;
    if (errno != ETIMEDOUT) return -1;
  }
  errno = ETIMEDOUT;
  return -1;
}
