#include "formats/dicom/decoder_process.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <system_error>

#include "base/error.h"

namespace lucid {
namespace {

// A codec reads some MiB a second and has several copies of a frame.
constexpr std::size_t kLeastSeconds = 5, kBytesASecond = std::size_t{1} << 22;
constexpr std::size_t kLeastBytes = std::size_t{1} << 28, kCopies = 16;

[[noreturn]] void fail_to_start(int reason) {
  throw Error(ExitCode::kFailed,
              "a compressed frame cannot be decoded: " + std::generic_category().message(reason));
}

// Memory that both processes see.
class SharedBytes {
 public:
  explicit SharedBytes(std::size_t size)
      : size_(size),
        data_(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (data_ == MAP_FAILED) fail_to_start(errno);
  }
  ~SharedBytes() { munmap(data_, size_); }
  SharedBytes(const SharedBytes&) = delete;
  SharedBytes& operator=(const SharedBytes&) = delete;

  std::span<std::byte> bytes() const { return {static_cast<std::byte*>(data_), size_}; }

 private:
  std::size_t size_;
  void* data_;
};

// Returns the limit of all memory, beyond what the process has.
rlim_t memory_limit(std::size_t frame) {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) + kLeastBytes + kCopies * frame;
}

void set_limit(__rlimit_resource kind, rlim_t limit) {
  rlimit limits{};
  getrlimit(kind, &limits);
  limits.rlim_cur = std::min(limit, limits.rlim_max);
  setrlimit(kind, &limits);
}

// Sets up the new process: it ends at a signal, and what codecs print is not for users.
void be_quiet(rlim_t memory, std::size_t frame) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS, SIGILL, SIGINT, SIGTERM, SIGXCPU})
    std::signal(signal, SIG_DFL);
  const int nothing = open("/dev/null", O_WRONLY);
  if (nothing >= 0) {
    dup2(nothing, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
  }
  set_limit(RLIMIT_CORE, 0);
  set_limit(RLIMIT_AS, memory);
  set_limit(RLIMIT_CPU, kLeastSeconds + frame / kBytesASecond);
}

}  // namespace

bool decode_apart(std::span<std::byte> out,
                  const std::function<bool(std::span<std::byte>)>& decode) {
  const SharedBytes shared(out.size());
  const rlim_t memory = memory_limit(out.size());
  const pid_t process = fork();
  if (process < 0) fail_to_start(errno);
  if (process == 0) {
    be_quiet(memory, out.size());
    bool is_decoded = false;
    try {
      is_decoded = decode(shared.bytes());
    } catch (...) {  // nothing of the program's goes on here
      is_decoded = false;
    }
    _exit(is_decoded ? 0 : 1);
  }
  int status = 0;
  while (waitpid(process, &status, 0) < 0)
    if (errno != EINTR) fail_to_start(errno);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return false;
  std::ranges::copy(shared.bytes(), out.begin());
  return true;
}

}  // namespace lucid
