#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "paths.h"
#include "support/temp_dir.h"

namespace lucid::test {

struct RunOptions {
  std::filesystem::path cwd{};                             // empty: the test's own
  std::vector<std::pair<std::string, std::string>> env{};  // added to the test's own
  std::filesystem::path stdout_to{};  // empty: caught; "/dev/full" tests a full disk
};

struct ProgramResult {
  int code = 0;  // 128 + the signal when one ended it, as a shell says
  std::string out, err;
};

// One of our programs by name ("lucid-train"), or another by its whole path ("/bin/sh"); finish()
// waits for its end.
class Program {
 public:
  Program(const std::string& name, const std::vector<std::string>& arguments,
          const RunOptions& options = {})
      : is_caught_(options.stdout_to.empty()),
        out_(is_caught_ ? streams_ / "out" : options.stdout_to) {
    const std::filesystem::path binary = std::filesystem::path(LUCID_BINARY_DIR) / name;
    streams_.write("out", "");
    streams_.write("err", "");
    // A signal must not meet the test's handlers in the child.
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    process_ = fork();
    if (process_ == 0) {
      for (const int number : {SIGHUP, SIGINT, SIGTERM, SIGUSR1}) std::signal(number, SIG_DFL);
      sigemptyset(&all);
      sigprocmask(SIG_SETMASK, &all, nullptr);
      become(binary, arguments, options);
    }
    sigprocmask(SIG_SETMASK, &before, nullptr);
    if (process_ < 0) throw std::runtime_error("fork failed");
  }
  ~Program() {
    if (process_ <= 0) return;
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // A process that has ended takes no signal: its number, -1, would mean all processes.
  void signal(int number) const {
    if (process_ > 0) kill(process_, number);
  }

  pid_t process() const { return process_; }  // below 0 where it has ended

  // Returns what the program has written so far, to wait for a line before a signal is sent.
  std::string err_so_far() const { return read_text(streams_ / "err"); }
  bool is_running() {
    if (process_ > 0 && waitpid(process_, &status_, WNOHANG) == process_) process_ = -1;
    return process_ > 0;
  }

  ProgramResult finish() {
    if (process_ > 0) waitpid(process_, &status_, 0);
    process_ = -1;
    ProgramResult result;
    result.code = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
    if (is_caught_) result.out = read_text(out_);
    result.err = read_text(streams_ / "err");
    return result;
  }

 private:
  [[noreturn]] void become(const std::filesystem::path& binary, std::vector<std::string> arguments,
                           const RunOptions& options) const {
    redirect(STDIN_FILENO, "/dev/null", O_RDONLY);
    redirect(STDOUT_FILENO, out_, O_WRONLY | O_CREAT | O_TRUNC);
    redirect(STDERR_FILENO, streams_ / "err", O_WRONLY | O_CREAT | O_TRUNC);
    if (!options.cwd.empty() && chdir(options.cwd.c_str()) != 0) _exit(126);
    for (const auto& [key, value] : options.env) setenv(key.c_str(), value.c_str(), 1);
    std::vector<char*> pointers{const_cast<char*>(binary.c_str())};
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    execv(binary.c_str(), pointers.data());
    _exit(127);
  }

  static void redirect(int descriptor, const std::filesystem::path& file, int flags) {
    const int opened = open(file.c_str(), flags, 0600);
    if (opened < 0 || dup2(opened, descriptor) < 0) _exit(126);
    close(opened);
  }

  TempDir streams_;
  bool is_caught_;
  std::filesystem::path out_;
  pid_t process_ = -1;
  int status_ = 0;
};

inline ProgramResult run_program(const std::string& name, const std::vector<std::string>& arguments,
                                 const RunOptions& options = {}) {
  return Program(name, arguments, options).finish();
}

}  // namespace lucid::test
