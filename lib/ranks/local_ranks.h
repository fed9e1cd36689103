#pragma once

#include <functional>
#include <memory>

#include "ranks/ranks.h"

namespace lucid {

inline constexpr int kMostRanks = 64;

// Runs `work` in so many processes of this machine, joined by sockets, and returns the exit code
// of the first of them; the others write nothing to the standard streams. Call it before there are
// threads. A signal is passed on to all of them. Where one process throws Error, or is killed, the
// others end, too, and Error is thrown here: that of the lowest rank that has one of its own, which
// it names but for the first.
int run_local_ranks(int count, const std::function<int(Ranks&)>& work,
                    const std::function<int()>& signal_received);

}  // namespace lucid
