#include "ranks/local_ranks.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>
#include <span>
#include <thread>

#include "base/error.h"
#include "ranks/last_words.h"
#include "ranks/socket_ranks.h"
#include "ranks/streams.h"

namespace lucid {
namespace {

// How long the others may take to fail by themselves, as all of them do over a mistake in a file.
constexpr auto kGrace = std::chrono::seconds(1);
constexpr auto kPoll = std::chrono::milliseconds(5);

[[noreturn]] void fail(const std::string& what) {
  throw Error(ExitCode::kFailed, "--ranks: " + what + ": " + std::strerror(errno));
}

// In memory that all processes see; the system takes it back with them.
LastWords* words_of_ranks(int count) {
  void* const memory = mmap(nullptr, static_cast<std::size_t>(count) * sizeof(LastWords),
                            PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("no memory to share");
  return static_cast<LastWords*>(memory);
}

// The children of this process, and how each ended.
class Family {
 public:
  void add(pid_t child) { children_.push_back({child, std::nullopt, false}); }
  void signal(int number) const {
    for (const Child& child : children_)
      if (!child.code) kill(child.process, number);
  }
  // Notes who has ended; returns how many have not.
  std::size_t collect() {
    std::size_t left = 0;
    for (Child& child : children_) {
      int status = 0;
      if (!child.code && waitpid(child.process, &status, WNOHANG) == child.process) {
        child.is_killed = WIFSIGNALED(status);
        child.code = child.is_killed ? WTERMSIG(status) : WEXITSTATUS(status);
        if (child.is_killed && first_killed_ < 0)
          first_killed_ = static_cast<int>(&child - children_.data());
      }
      if (!child.code) ++left;
    }
    return left;
  }
  // A rank that was asked to stop ends with 128 and more.
  bool has_failed() const {
    return std::ranges::any_of(children_, [](const Child& child) {
      return child.code && (child.is_killed || (*child.code != 0 && *child.code < 128));
    });
  }
  int first_killed() const { return first_killed_; }  // a rank; below 0 for none
  int code(int rank) const { return *children_[static_cast<std::size_t>(rank)].code; }

 private:
  struct Child {
    pid_t process;
    std::optional<int> code;  // or the signal that killed it
    bool is_killed = false;
  };
  std::vector<Child> children_;
  int first_killed_ = -1;
};

// While ranks are started, signals wait for this process to have all of them: a rank that was
// forked from a process that has a signal already would take the one passed on for a second.
class HeldSignals {
 public:
  HeldSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~HeldSignals() { let_go(); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  void let_go() const { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

// Starts a rank in a process of its own, which dies with this one and does not return.
void start(Family& family, const HeldSignals& signals, SocketRanks& ranks, int rank,
           LastWords& words, const std::function<int(Ranks&)>& work) {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) {
    family.signal(SIGKILL);
    fail("no process for a rank");
  }
  if (child > 0) return family.add(child);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(static_cast<int>(ExitCode::kFailed));
  setpgid(0, 0);  // Ctrl-C in a terminal reaches it by way of this process only
  signals.let_go();
  ranks.become(rank);
  if (rank > 0) silence_streams();
  words = words_of(ranks, work);
  std::fflush(nullptr);
  _exit(words.code);
}

// Waits for all ranks; the others of one that failed are stopped.
void wait_for_all(Family& family, const std::function<int()>& signal_received) {
  int passed_on = 0;
  std::optional<std::chrono::steady_clock::time_point> failed_at;
  while (family.collect() > 0) {
    if (const int number = signal_received(); number != 0 && passed_on == 0)
      family.signal(passed_on = number);
    const auto now = std::chrono::steady_clock::now();
    if (!failed_at && family.has_failed()) failed_at = now;
    if (failed_at && now - *failed_at > kGrace) family.signal(SIGKILL);
    std::this_thread::sleep_for(kPoll);
  }
}

}  // namespace

int run_local_ranks(int count, const std::function<int(Ranks&)>& work,
                    const std::function<int()>& signal_received) {
  SocketRanks ranks(count);
  const std::span words(words_of_ranks(count), static_cast<std::size_t>(count));
  Family family;
  std::fflush(nullptr);
  {
    const HeldSignals signals;
    for (int rank = 0; rank < count; ++rank)
      start(family, signals, ranks, rank, words[static_cast<std::size_t>(rank)], work);
  }
  ranks.become_none();
  wait_for_all(family, signal_received);
  if (const auto error = first_error(words, false)) throw *error;
  if (const int rank = family.first_killed(); rank >= 0)
    throw Error(ExitCode::kFailed, "rank " + std::to_string(rank) + " was killed by signal " +
                                       std::to_string(family.code(rank)) +
                                       "; --resume goes on from the last checkpoint");
  if (const auto error = first_error(words, true)) throw *error;
  return family.code(0);
}

}  // namespace lucid
