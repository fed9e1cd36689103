#include "bench/exchange_model.h"

#include <algorithm>
#include <bit>

namespace lucid {

double exchange_seconds(double bytes, std::int64_t ranks, const Interconnect& interconnect) {
  const auto rounds = static_cast<double>(std::bit_width(static_cast<std::uint64_t>(ranks - 1)));
  const double sent = bytes * static_cast<double>(ranks - 1) / static_cast<double>(ranks);
  return 2 * (rounds * interconnect.latency_seconds + sent / interconnect.bytes_per_second);
}

ScaledStep scaled_step(const RankStep& step, std::int64_t ranks, const Interconnect& interconnect) {
  double overlapped = 0, sequential = step.passes_seconds;
  for (const ReadyBucket& bucket : step.buckets) {
    const double seconds = exchange_seconds(bucket.bytes, ranks, interconnect);
    overlapped = std::max(overlapped, bucket.ready_seconds) + seconds;
    sequential += seconds;
  }
  return {ranks, std::max(overlapped, step.passes_seconds) + step.update_seconds,
          sequential + step.update_seconds};
}

}  // namespace lucid
