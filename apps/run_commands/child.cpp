#include "run_commands/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Runs in the new process, which may only call what is safe after a fork.
[[noreturn]] void become(const char* program, char* const* arguments, int output, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it died before
  for (const int number : {SIGHUP, SIGINT, SIGTERM}) std::signal(number, SIG_DFL);
  // Ctrl-C goes to a terminal's foreground group; whoever started this one passes it on.
  setpgid(0, 0);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execv(program, arguments);
  _exit(127);
}

}  // namespace

Child::Child(const std::string& program, const std::vector<std::string>& arguments,
             const fs::path& output) {
  std::error_code error;
  const std::string path = (fs::read_symlink("/proc/self/exe", error).parent_path() / program);
  const auto fail = [&](const std::string& what) {
    throw Error(ExitCode::kFailed, what + ": " + std::strerror(errno));
  };
  if (access(path.c_str(), X_OK) != 0) fail(path + ": cannot be run");
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const int file = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0) fail(output.string() + ": cannot be written");
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ == 0) become(path.c_str(), pointers.data(), file, parent);
  close(file);
  if (process_ < 0) fail(path + ": cannot be run");
}

Child::~Child() {
  if (process_ <= 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

Child::Child(Child&& other) noexcept
    : process_(std::exchange(other.process_, -1)), code_(other.code_) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(process_, other.process_);
  std::swap(code_, other.code_);
  return *this;
}

void Child::note(int status) {
  process_ = -1;
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool Child::has_ended() {
  int status = 0;
  if (process_ > 0 && waitpid(process_, &status, WNOHANG) == process_) note(status);
  return process_ <= 0;
}

void Child::terminate() const {
  if (process_ > 0) kill(process_, SIGTERM);
}

void Child::wait() {
  int status = 0;
  while (process_ > 0)
    if (waitpid(process_, &status, 0) == process_)
      note(status);
    else if (errno != EINTR)
      process_ = -1;
}

}  // namespace lucid
