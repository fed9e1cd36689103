#include "stop_signal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "base/unfinished_file.h"

namespace lucid {
namespace {

volatile std::sig_atomic_t received = 0, are_caught = 0, are_repeated = 0;

// A signal handler must not allocate. The length is set last and reset first.
std::array<char, 4352> note;
volatile std::sig_atomic_t note_bytes = 0;

void take(int signal) {
  if (are_caught != 0 && received == 0) {
    received = signal;
    return;
  }
  if (are_caught != 0 && are_repeated != 0) return;
  remove_unfinished_files();
  const auto bytes = static_cast<std::size_t>(note_bytes);
  if (bytes > 0 && write(STDERR_FILENO, note.data(), bytes) < 0) _exit(128 + signal);
  _exit(128 + signal);
}

// Matrix products of oneDNN 2.6 keep values below the stack pointer, where the system would put the
// frame of a handler. It hands signals of a process to the main thread, which computes, too.
void use_own_stack() {
  constexpr std::size_t kBytes = 65536;
  alignas(16) static std::array<char, kBytes> memory;
  stack_t stack{};
  stack.ss_sp = memory.data();
  stack.ss_size = memory.size();
  sigaltstack(&stack, nullptr);
}

void set_action(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

// A file opened later must not take the place of a closed standard stream, or results would be
// written into it. Writing to a stream opened like this fails, as to a closed one.
void keep_streams_apart() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(stream, F_GETFD) < 0)
      static_cast<void>(open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY));
}

}  // namespace

void prepare_signals() {
  keep_streams_apart();
  use_own_stack();
  set_action(SIGPIPE, SIG_IGN);
  set_action(SIGXFSZ, SIG_IGN);
  set_action(SIGINT, take);
  set_action(SIGTERM, take);
  set_action(SIGUSR1, take);
  struct sigaction found {};
  if (sigaction(SIGHUP, nullptr, &found) == 0 && found.sa_handler != SIG_IGN)
    set_action(SIGHUP, take);
}

void set_stop_note(const std::string& line) {
  note_bytes = 0;
  const std::size_t bytes = std::min(line.size(), note.size() - 1);
  std::copy_n(line.begin(), bytes, note.begin());
  note[bytes] = '\n';
  if (bytes > 0) note_bytes = static_cast<int>(bytes + 1);
}

void catch_stop_signals() { are_caught = 1; }

void expect_repeated_signals() { are_repeated = 1; }

int stop_signal() { return received; }

}  // namespace lucid
