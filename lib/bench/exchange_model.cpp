#include "bench/exchange_model.h"

#include <algorithm>
#include <bit>

namespace lucid {

namespace {

constexpr double kNumbersOfRank = 10 * sizeof(double);  // the sums of a loss and of its mean

double rounds_of(std::int64_t ranks) {
  return static_cast<double>(std::bit_width(static_cast<std::uint64_t>(ranks - 1)));
}

}  // namespace

double exchange_seconds(double bytes, std::int64_t ranks, const Interconnect& interconnect) {
  const double sent = bytes * static_cast<double>(ranks - 1) / static_cast<double>(ranks);
  return 2 *
         (rounds_of(ranks) * interconnect.latency_seconds + sent / interconnect.bytes_per_second);
}

double gather_seconds(std::int64_t ranks, const Interconnect& interconnect) {
  const double sent = kNumbersOfRank * static_cast<double>(ranks - 1);
  return 2 * rounds_of(ranks) * interconnect.latency_seconds + sent / interconnect.bytes_per_second;
}

ScaledStep scaled_step(const RankStep& step, std::int64_t ranks, const Interconnect& interconnect) {
  const double numbers = static_cast<double>(step.gathers) * gather_seconds(ranks, interconnect);
  double overlapped = 0, sequential = step.passes_seconds;
  for (const ReadyBucket& bucket : step.buckets) {
    const double seconds = exchange_seconds(bucket.bytes, ranks, interconnect);
    overlapped = std::max(overlapped, bucket.ready_seconds) + seconds;
    sequential += seconds;
  }
  const double rest = numbers + step.update_seconds;
  return {ranks, std::max(overlapped, step.passes_seconds) + rest, sequential + rest};
}

}  // namespace lucid
