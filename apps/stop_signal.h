#pragma once

namespace lucid {

// From now on SIGINT and SIGTERM are remembered instead of ending the program; a second one ends it
// at once.
void catch_stop_signals();

int stop_signal();  // the signal that came, or 0

}  // namespace lucid
