#include "ranks/local_ranks.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>
#include <thread>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

constexpr int kParities = 2;  // an exchange leaves what the one before returned as it is
constexpr std::size_t kLongestMessage = 8192;
// How long the others may take to fail by themselves, as all of them do over a mistake in a file.
constexpr auto kGrace = std::chrono::seconds(1);
constexpr auto kPoll = std::chrono::milliseconds(5);

[[noreturn]] void fail(const std::string& what) {
  throw Error(ExitCode::kFailed, "--ranks: " + what + ": " + std::strerror(errno));
}

// What a process says before it ends by an error.
struct LastWords {
  std::atomic<bool> is_said;
  int code;
  char message[kLongestMessage];
};

// The memory that all ranks see: how many bytes each has put down, and the barrier.
struct Board {
  pthread_barrier_t barrier;
  std::array<std::array<std::size_t, kMostRanks>, kParities> bytes;
};

template <class Type>
Type* shared(std::size_t count) {
  void* const memory = mmap(nullptr, count * sizeof(Type), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("no memory to share");
  return static_cast<Type*>(memory);
}

// A file in memory that grows; each process maps it anew when it has grown.
class SharedFile {
 public:
  SharedFile() : file_(memfd_create("lucid", MFD_CLOEXEC)) {
    if (file_ < 0) fail("no memory to share");
  }

  void grow(std::size_t bytes) const {
    if (ftruncate(file_, static_cast<off_t>(bytes)) != 0) fail("no memory to share");
  }
  std::byte* mapped(std::size_t bytes) {
    if (bytes > bytes_) {
      if (memory_ != nullptr) munmap(memory_, bytes_);
      memory_ = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
      if (memory_ == MAP_FAILED) fail("no memory to share");
      bytes_ = bytes;
    }
    return static_cast<std::byte*>(memory_);
  }
  std::size_t bytes() const { return bytes_; }

 private:
  int file_;
  void* memory_ = nullptr;
  std::size_t bytes_ = 0;
};

class LocalRanks : public Ranks {
 public:
  explicit LocalRanks(int size)
      : size_(size),
        board_(shared<Board>(1)),
        words_(shared<LastWords>(static_cast<std::size_t>(size))) {
    for (auto& files : files_) files = std::vector<SharedFile>(static_cast<std::size_t>(size));
    pthread_barrierattr_t attributes;
    pthread_barrierattr_init(&attributes);
    pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(&board_->barrier, &attributes, static_cast<unsigned>(size));
    pthread_barrierattr_destroy(&attributes);
  }

  void become(int rank) { rank_ = rank; }
  int rank() const override { return rank_; }
  int size() const override { return size_; }
  LastWords& words(int rank) const { return words_[rank]; }

  std::span<std::byte> outgoing(std::size_t bytes) override {
    SharedFile& own = files_[parity_][static_cast<std::size_t>(rank_)];
    if (bytes > own.bytes()) own.grow(bytes);
    board_->bytes[parity_][static_cast<std::size_t>(rank_)] = bytes;
    return {bytes == 0 ? nullptr : own.mapped(bytes), bytes};
  }

  std::vector<std::span<const std::byte>> exchange() override {
    pthread_barrier_wait(&board_->barrier);
    std::vector<std::span<const std::byte>> all;
    for (std::size_t i = 0; i < files_[parity_].size(); ++i) {
      const std::size_t bytes = board_->bytes[parity_][i];
      all.emplace_back(bytes == 0 ? nullptr : files_[parity_][i].mapped(bytes), bytes);
    }
    parity_ = 1 - parity_;
    return all;
  }

 private:
  int size_, rank_ = 0;
  std::size_t parity_ = 0;
  Board* board_;
  LastWords* words_;
  std::array<std::vector<SharedFile>, kParities> files_;
};

// In the process of a rank: never returns.
[[noreturn]] void run_rank(LocalRanks& ranks, const std::function<int(Ranks&)>& work) {
  LastWords& words = ranks.words(ranks.rank());
  int code = static_cast<int>(ExitCode::kFailed);
  try {
    code = work(ranks);
  } catch (const Error& error) {
    code = words.code = static_cast<int>(error.code());
    std::strncpy(words.message, error.what(), kLongestMessage - 1);
    words.is_said = true;
  } catch (const std::exception& error) {
    words.code = code;
    std::strncpy(words.message, error.what(), kLongestMessage - 1);
    words.is_said = true;
  }
  std::fflush(nullptr);
  _exit(code);
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

// Starts a rank in a process of its own, which dies with this one.
void start(Family& family, LocalRanks& ranks, int rank, const std::function<int(Ranks&)>& work) {
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
  ranks.become(rank);
  if (rank > 0) {
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
  }
  run_rank(ranks, work);
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
  LocalRanks ranks(count);
  Family family;
  std::fflush(nullptr);
  for (int rank = 0; rank < count; ++rank) start(family, ranks, rank, work);
  wait_for_all(family, signal_received);
  const auto name = [](int rank) { return "rank " + std::to_string(rank); };
  for (int rank = 0; rank < count; ++rank) {
    const LastWords& words = ranks.words(rank);
    if (words.is_said)
      throw Error(static_cast<ExitCode>(words.code),
                  split((rank > 0 ? name(rank) + ": " : "") + words.message, '\n'));
  }
  if (const int rank = family.first_killed(); rank >= 0)
    throw Error(ExitCode::kFailed, name(rank) + " was killed by signal " +
                                       std::to_string(family.code(rank)) +
                                       "; --resume goes on from the last checkpoint");
  return family.code(0);
}

}  // namespace lucid
