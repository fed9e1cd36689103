// The C++ bindings of both MPIs are out of use; what a program includes of them it would have to
// link.
#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "ranks/mpi_module.h"

namespace lucid {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLargestPart = std::size_t{1} << 30U;  // MPI counts bytes by an int
constexpr int kTag = 0, kFailureTag = 1;
// A rank that waits leaves its core to threads that compute; first it looks again soon, as most
// messages are short and on their way.
constexpr int kYields = 200;
constexpr auto kSleep = std::chrono::microseconds(30);
// What a transfer that was ended has begun still writes to memory for so long.
constexpr double kDrainSeconds = 1;

std::mutex calls;  // of MPI, one at a time
MPI_Comm communicators[kMpiChannels];

using Requests = std::vector<MPI_Request>;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

template <class Start>
void for_parts(const MpiMessage& message, Requests& requests, const Start& start) {
  for (std::size_t begin = 0; begin < message.size; begin += kLargestPart) {
    requests.push_back(MPI_REQUEST_NULL);
    start(static_cast<char*>(message.bytes) + begin,
          static_cast<int>(std::min(kLargestPart, message.size - begin)), &requests.back());
  }
}

// Returns the requests, first those that receive.
Requests begin(const MpiTransfer& what, std::size_t& receiving) {
  Requests requests;
  const std::scoped_lock lock(calls);
  const MPI_Comm with = communicators[what.channel];
  const int received_tag = what.channel == kMpiEnds ? MPI_ANY_TAG : kTag;
  for (const MpiMessage& message : what.incoming)
    for_parts(message, requests, [&](void* bytes, int count, MPI_Request* request) {
      MPI_Irecv(bytes, count, MPI_BYTE, message.peer, received_tag, with, request);
    });
  receiving = requests.size();
  for (const MpiMessage& message : what.outgoing)
    for_parts(message, requests, [&](const void* bytes, int count, MPI_Request* request) {
      MPI_Isend(bytes, count, MPI_BYTE, message.peer, what.tells_failure ? kFailureTag : kTag, with,
                request);
    });
  return requests;
}

bool are_done(Requests& requests) {
  const std::scoped_lock lock(calls);
  int done = 0;
  MPI_Testall(static_cast<int>(requests.size()), requests.data(), &done, MPI_STATUSES_IGNORE);
  return done != 0;
}

bool has_peer_failed() {
  const std::scoped_lock lock(calls);
  int found = 0;
  MPI_Iprobe(MPI_ANY_SOURCE, kFailureTag, communicators[kMpiEnds], &found, MPI_STATUS_IGNORE);
  return found != 0;
}

void wait_a_while(int tries) {
  if (tries < kYields)
    sched_yield();
  else
    std::this_thread::sleep_for(kSleep);
}

// The memory of messages is no longer there soon.
void cancel(Requests& requests, std::size_t receiving) {
  {
    const std::scoped_lock lock(calls);
    for (std::size_t i = 0; i < receiving; ++i)
      if (requests[i] != MPI_REQUEST_NULL) MPI_Cancel(&requests[i]);
  }
  const auto began = Clock::now();
  for (int tries = 0; !are_done(requests) && seconds_since(began) < kDrainSeconds; ++tries)
    wait_a_while(tries);
}

MpiResult transfer(const MpiTransfer& what) {
  std::size_t receiving = 0;
  Requests requests = begin(what, receiving);
  const auto began = Clock::now();
  for (int tries = 0;; ++tries) {
    if (are_done(requests)) return MpiResult::kDone;
    const bool is_late = what.limit_seconds > 0 && seconds_since(began) > what.limit_seconds;
    const bool has_failed = what.channel != kMpiEnds && has_peer_failed();
    const bool is_abandoned = what.is_abandoned->load();
    if (is_late || has_failed || is_abandoned) {
      cancel(requests, receiving);
      if (is_abandoned) return MpiResult::kAbandoned;
      return has_failed ? MpiResult::kPeerFailed : MpiResult::kLate;
    }
    wait_a_while(tries);
  }
}

void finish() {
  Requests barrier{MPI_REQUEST_NULL};
  MPI_Ibarrier(communicators[kMpiEnds], barrier.data());
  for (int tries = 0; !are_done(barrier); ++tries) wait_a_while(tries);
  for (MPI_Comm& communicator : communicators) MPI_Comm_free(&communicator);
  MPI_Finalize();
}

[[noreturn]] void abort_all(int code) {
  const std::scoped_lock lock(calls);
  MPI_Abort(MPI_COMM_WORLD, code);
  std::_Exit(code);
}

}  // namespace
}  // namespace lucid

extern "C" const lucid::MpiModule* lucid_start_mpi() {
  static lucid::MpiModule module{0, 1, lucid::transfer, lucid::finish, lucid::abort_all};
  int provided = MPI_THREAD_SINGLE;
  if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided) != MPI_SUCCESS ||
      provided < MPI_THREAD_SERIALIZED)
    return nullptr;
  MPI_Comm_rank(MPI_COMM_WORLD, &module.rank);
  MPI_Comm_size(MPI_COMM_WORLD, &module.size);
  for (MPI_Comm& communicator : lucid::communicators) MPI_Comm_dup(MPI_COMM_WORLD, &communicator);
  return &module;
}
