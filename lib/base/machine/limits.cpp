#include "base/machine/limits.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <limits>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

// Kernels keep tiles on the stack, and every library adds its own frames.
constexpr rlim_t kLeastStack = rlim_t{1} << 20, kUsualStack = rlim_t{8} << 20;

void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  // select() in a library fails beyond 1024 only for descriptors that it is given; we give it none.
  constexpr rlim_t kEnough = 65536;
  const rlim_t wanted = std::min(limit.rlim_max, std::max(limit.rlim_cur, kEnough));
  if (wanted == limit.rlim_cur) return;
  limit.rlim_cur = wanted;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// The main thread's stack grows up to the limit at the time; that of threads is fixed when the
// process starts.
void raise_stack_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= kLeastStack) return;
  const rlim_t found = limit.rlim_cur;
  limit.rlim_cur = std::min(limit.rlim_max, kUsualStack);
  if (limit.rlim_cur < kLeastStack || setrlimit(RLIMIT_STACK, &limit) != 0)
    throw Error(ExitCode::kFailed, "ulimit -s: expected a stack of at least " +
                                       bytes_text(kLeastStack) + ", found " + bytes_text(found));
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return;
  pthread_attr_setstacksize(&attributes, limit.rlim_cur);
  pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
}

// Written by the signal handler, which may not allocate.
std::array<char, 256> memory_message{};

void end_for_lack_of_memory(int) {
  const std::size_t length = std::strlen(memory_message.data());
  if (write(STDERR_FILENO, memory_message.data(), length) < 0) _exit(2);
  _exit(static_cast<int>(ExitCode::kFailed));
}

// HDF5 and oneDNN use pointers that they did not get where the address space is limited.
void explain_faults_of_limited_memory() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  std::snprintf(memory_message.data(), memory_message.size(),
                "%s: a library failed, probably for lack of memory: ulimit -v allows %s\n",
                program_invocation_short_name, bytes_text(limit.rlim_cur).c_str());
  std::signal(SIGSEGV, end_for_lack_of_memory);
  std::set_terminate([] { end_for_lack_of_memory(0); });
}

// OpenMP takes any number, and ends the program when it cannot start so many threads. The value may
// be a list, one number for each level of nesting.
void check_openmp_threads() {
  const char* value = std::getenv("OMP_NUM_THREADS");
  if (value == nullptr || *value == '\0') return;
  for (std::string_view part : split(value, ',')) {
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    int count = 0;
    const auto [end, failure] = std::from_chars(part.data(), part.data() + part.size(), count);
    const bool is_number = failure == std::errc() && end == part.data() + part.size();
    if (!is_number || count < 1 || count > kMostThreads)
      throw Error(ExitCode::kUsage, "OMP_NUM_THREADS: expected an integer from 1 to " +
                                        std::to_string(kMostThreads) + ", found " +
                                        in_quotes(value));
  }
}

}  // namespace

std::size_t open_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 256;
  return static_cast<std::size_t>(std::min<rlim_t>(limit.rlim_cur, 1U << 30));
}

void adopt_limits() {
  check_openmp_threads();
  explain_faults_of_limited_memory();
  raise_stack_limit();
  raise_file_limit();
}

void check_threads(int count) {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_over = false;
  std::vector<std::thread> threads;
  std::error_code failure;
  try {
    for (int i = 0; i < count; ++i)
      threads.emplace_back([&] {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return is_over; });
      });
  } catch (const std::system_error& error) {
    failure = error.code();
  }
  {
    const std::scoped_lock lock(mutex);
    is_over = true;
  }
  changed.notify_all();
  for (std::thread& thread : threads) thread.join();
  if (failure)
    throw Error(ExitCode::kFailed, "expected to start " + std::to_string(count + 1) +
                                       " threads, found that " +
                                       std::to_string(threads.size() + 1) +
                                       " are allowed; --threads sets their number");
}

}  // namespace lucid
