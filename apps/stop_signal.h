#pragma once

#include <string>

namespace lucid {

// Call it first in every program. SIGINT, SIGTERM and SIGHUP (unless nohup ignores it) remove
// unfinished files and end the program with 128 plus their number, whatever it is doing. Writing
// to a closed pipe or beyond the limit of a file's size is an error of that write, not a signal.
void prepare_signals();

// Is written to stderr when a signal ends the program; empty for none.
void set_stop_note(const std::string& line);

// From now on the first of these signals is only remembered; a second one ends the program.
void catch_stop_signals();

int stop_signal();  // the signal received, or 0

}  // namespace lucid
