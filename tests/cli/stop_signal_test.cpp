#include "stop_signal.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace lucid {
namespace {

// Signals of a process change what this one does, so a child is asked.
template <class Question>
bool is_true_of_child(const Question& question) {
  const pid_t child = fork();
  if (child == 0) _exit(question() ? 0 : 1);
  int status = -1;
  return waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

TEST_CASE("signals are handled on a stack of their own, below which nothing is kept") {
  CHECK(is_true_of_child([] {
    prepare_signals();
    stack_t stack{};
    bool is_own = sigaltstack(nullptr, &stack) == 0 && (stack.ss_flags & SS_DISABLE) == 0;
    for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGHUP}) {
      struct sigaction action {};
      is_own = is_own && sigaction(signal, nullptr, &action) == 0 &&
               (action.sa_handler == SIG_IGN || (action.sa_flags & SA_ONSTACK) != 0);
    }
    return is_own;
  }));
}

}  // namespace lucid
