#pragma once

#include <doctest/doctest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>

namespace lucid::test {

// Returns what `draw` writes to stderr on a terminal of our own, of so many columns.
template <class Draw>
std::string on_terminal(int columns, const char* kind, const Draw& draw) {
  winsize size{};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = 24;
  int terminal = -1;
  std::cout << std::flush;  // or the child writes it once more
  const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
  REQUIRE(child >= 0);
  if (child == 0) {
    setenv("TERM", kind, 1);
    draw();
    _exit(0);
  }
  std::string text;
  char part[4096];
  for (ssize_t read_bytes; (read_bytes = read(terminal, part, sizeof part)) > 0;)
    text.append(part, static_cast<std::size_t>(read_bytes));
  waitpid(child, nullptr, 0);
  close(terminal);
  return text;
}

}  // namespace lucid::test
