#pragma once

#include <atomic>
#include <cstddef>
#include <span>

namespace lucid {

// What a module for one MPI offers: a shared library, as the MPIs differ in their binaries and few
// machines have one. It is compiled together with the program that opens it.
struct MpiMessage {
  int peer;
  void* bytes;
  std::size_t size;
};

struct MpiTransfer {
  int channel;  // those of Ranks, and kMpiEnds
  std::span<const MpiMessage> outgoing, incoming;
  const std::atomic<bool>* is_abandoned;  // ends it
  double limit_seconds;                   // ends it; 0: no limit
  // For kMpiEnds: the rank fails, which ends all transfers of the others but those of kMpiEnds.
  bool tells_failure;
};

inline constexpr int kMpiEnds = 2, kMpiChannels = 3;

enum class MpiResult { kDone, kPeerFailed, kAbandoned, kLate };

struct MpiModule {
  int rank, size;
  // Two threads may be in it at the same time, on different channels.
  MpiResult (*transfer)(const MpiTransfer& what);
  void (*finish)();             // waits for all ranks to call it
  void (*abort_all)(int code);  // ends all processes, this one, too
};

// The name and the type of the function that every module has: it starts MPI, and returns nullptr
// if that cannot serve two threads.
inline constexpr const char* kMpiEntry = "lucid_start_mpi";
using StartMpi = const MpiModule* (*)();

}  // namespace lucid
