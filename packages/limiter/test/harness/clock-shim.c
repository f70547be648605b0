/* Preloaded into redis-server: shifts the wall clock by what a file says, live. Monotonic time stays as it is. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t none = 0;
static const volatile int64_t *offset_us = 0;

/* Opened on the first question, which comes before main(); nothing here may allocate, since jemalloc is not up yet. */
static int64_t offset(void) {
  if (offset_us == 0) {
    const char *path = getenv("HEADGATE_CLOCK_OFFSET");
    int file = path ? open(path, O_RDONLY) : -1;
    void *page = file < 0 ? MAP_FAILED : mmap(0, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (file >= 0) close(file);
    offset_us = page == MAP_FAILED ? &none : page;
  }
  return *offset_us;
}

static int64_t now_ns(clockid_t clock) {
  struct timespec now;
  syscall(SYS_clock_gettime, clock, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec + offset() * 1000;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return syscall(SYS_clock_gettime, clock, now);
  int64_t ns = now_ns(clock);
  now->tv_sec = ns / 1000000000LL;
  now->tv_nsec = ns % 1000000000LL;
  return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  int64_t us = now_ns(CLOCK_REALTIME) / 1000;
  now->tv_sec = us / 1000000;
  now->tv_usec = us % 1000000;
  return 0;
}

time_t time(time_t *out) {
  time_t seconds = now_ns(CLOCK_REALTIME) / 1000000000LL;
  if (out) *out = seconds;
  return seconds;
}
