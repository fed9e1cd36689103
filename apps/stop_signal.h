#pragma once

namespace lucid {

// Makes SIGINT and SIGTERM be remembered instead of ending the program; a second signal ends it at
// once.
void catch_stop_signals();

int stop_signal();  // the signal received, or 0

}  // namespace lucid
