#pragma once

#include <cstdint>
#include <vector>

namespace lucid {

// A bucket of gradients that ranks exchange at a time.
struct ReadyBucket {
  double ready_seconds;  // since the step began
  double bytes;
};

// A rank's step by itself.
struct RankStep {
  std::vector<ReadyBucket> buckets;  // in the order in which they become ready
  double passes_seconds = 0;         // forward, loss and backward
  double update_seconds = 0;         // of the parameters, from the gradients of all ranks
  std::int64_t gathers = 0;          // exchanges of a few numbers, for which the passes wait
  double seconds() const { return passes_seconds + update_seconds; }
};

// What joins the ranks.
struct Interconnect {
  double latency_seconds;   // of a message
  double bytes_per_second;  // that a rank sends, and receives at the same time
};

// Returns how long so many ranks take to add up a bucket: in log2 rounds they halve it between
// pairs of ranks, and in as many more each piece of the sum goes back to all. No other exchange
// sends fewer bytes. A number between powers of 2 takes the rounds of the next one.
double exchange_seconds(double bytes, std::int64_t ranks, const Interconnect& interconnect);

// Returns how long so many ranks take until each has a few numbers of all: log2 rounds tell how
// many there are, and as many bring them.
double gather_seconds(std::int64_t ranks, const Interconnect& interconnect);

// The step of so many ranks, each of which computes as much as one by itself.
struct ScaledStep {
  std::int64_t ranks;
  double overlapped_seconds;  // buckets are exchanged during the backward pass, one after another
  double sequential_seconds;  // all of them behind it
};
ScaledStep scaled_step(const RankStep& step, std::int64_t ranks, const Interconnect& interconnect);

}  // namespace lucid
