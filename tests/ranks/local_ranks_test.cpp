#include "ranks/local_ranks.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

namespace lucid {
namespace {

volatile std::sig_atomic_t taken = 0;

// As programs do that stop at the first signal, and end at once by the second.
void take(int signal) {
  if (taken != 0) _exit(128 + signal);
  taken = signal;
}

int wait_for_signal(Ranks& ranks) {
  if (ranks.is_first()) kill(getppid(), SIGUSR2);
  while (taken == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return ranks.any(false) ? 1 : 128 + taken;
}

}  // namespace

TEST_CASE("a signal that comes while ranks are started reaches each of them once") {
  struct sigaction action {
  }, before{};
  action.sa_handler = take;
  sigaction(SIGUSR2, &action, &before);
  for (int i = 0; i < 30; ++i) {
    taken = 0;
    CHECK(run_local_ranks(4, wait_for_signal, [] { return static_cast<int>(taken); }) ==
          128 + SIGUSR2);
  }
  sigaction(SIGUSR2, &before, nullptr);
}

}  // namespace lucid
