#pragma once

#include <string>

namespace lucid {

// Call it first in every program. SIGINT, SIGTERM, SIGUSR1 and SIGHUP (unless nohup ignores it)
// remove unfinished files and end the program with 128 plus their number, whatever it is doing.
// Writing to a closed pipe or beyond the limit of a file's size is an error of that write, not a
// signal.
void prepare_signals();

// Is written to stderr when a signal ends the program; empty for none.
void set_stop_note(const std::string& line);

// From now on the first of these signals is only remembered; a second one ends the program.
void catch_stop_signals();

// Under a launcher of processes the second one does nothing: the signal that a user or a batch
// system sends may come to a process directly and by way of the launcher, which kills it anyway if
// it takes too long.
void expect_repeated_signals();

int stop_signal();  // the signal received, or 0

}  // namespace lucid
