#include "graph/ranges.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "graph/node_roles.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kBins = 2048;    // of a range
constexpr std::int64_t kBlock = 65536;  // values that a thread looks at at a time
constexpr float kLargestFloat = std::numeric_limits<float>::max();
constexpr float kSteps = 255;  // between the first and the last byte

struct Ends {
  float low = 0, high = 0;
};

// Of the finite values.
Ends ends_of(std::span<const float> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  std::vector<Ends> parts(static_cast<std::size_t>((count + kBlock - 1) / kBlock));
  parallel_blocks(count, kBlock, [&](std::int64_t begin, std::int64_t end) {
    Ends& ends = parts[static_cast<std::size_t>(begin / kBlock)];
    for (std::int64_t i = begin; i < end; ++i) {
      const float value = values[static_cast<std::size_t>(i)];
      ends.low = value < ends.low && value >= -kLargestFloat ? value : ends.low;
      ends.high = value > ends.high && value <= kLargestFloat ? value : ends.high;
    }
  });
  Ends all;
  for (const Ends& part : parts) all = {std::min(all.low, part.low), std::max(all.high, part.high)};
  return all;
}

void count_values(std::span<const float> values, float low, float per_bin,
                  std::vector<std::int64_t>& counts) {
  const auto count = static_cast<std::int64_t>(values.size());
  using Counts = std::array<std::int64_t, kBins>;
  std::vector<Counts> parts(static_cast<std::size_t>((count + kBlock - 1) / kBlock));
  parallel_blocks(count, kBlock, [&](std::int64_t begin, std::int64_t end) {
    Counts& bins = parts[static_cast<std::size_t>(begin / kBlock)];
    for (std::int64_t i = begin; i < end; ++i) {
      const float bin = (values[static_cast<std::size_t>(i)] - low) * per_bin;
      const auto whole = static_cast<std::int64_t>(bin > 0 ? bin : 0.F);
      ++bins[static_cast<std::size_t>(std::min(whole, kBins - 1))];
    }
  });
  counts.resize(kBins);
  for (const Counts& part : parts)
    for (std::size_t i = 0; i < part.size(); ++i) counts[i] += part[i];
}

// The sum of the squared errors of values that are cut off and rounded so.
double squared_error(const std::vector<std::int64_t>& counts, double low, double bin,
                     const Ends& kept) {
  const double step = (double{kept.high} - kept.low) / kSteps;
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double value = low + (static_cast<double>(i) + 0.5) * bin;
    const double cut = std::max({0.0, value - kept.high, kept.low - value});
    sum += static_cast<double>(counts[i]) * (cut > 0 ? cut * cut : step * step / 12);
  }
  return sum;
}

ByteScale scale_of(const Ends& ends) {
  const float step = (ends.high - ends.low) / kSteps;
  // A range of a single number, or one so small that its step is no number to divide by.
  if (!(step > std::numeric_limits<float>::min())) return {};
  return {step, static_cast<std::int32_t>(std::lround(-ends.low / step))};
}

}  // namespace

ByteRanges::ByteRanges(const Graph& graph, const CompileOptions& options)
    : parents_(graph.nodes().size() + 1), ranges_(parents_.size()) {
  std::iota(parents_.begin(), parents_.end(), std::size_t{0});
  const std::vector<NodeRole> roles = node_roles(graph, options);
  const auto source_of = [&](int input) {
    return input == Node::kNetworkInput ? roles.size()
                                        : roles[static_cast<std::size_t>(input)].source;
  };
  for (std::size_t i = 0; i < roles.size(); ++i) {
    const Node& node = graph.nodes()[i];
    if (!roles[i].is_needed || roles[i].source != i) continue;
    if (graph.fusion(node).multiplies_bytes()) candidates_.push_back(i);
    if (graph.fusion(node).passes_bytes)
      for (const int input : node.inputs) join(source_of(input), i);
  }
}

std::size_t ByteRanges::group_of(std::size_t i) const {
  while (parents_[i] != i) i = parents_[i];
  return i;
}

void ByteRanges::join(std::size_t a, std::size_t b) { parents_[group_of(a)] = group_of(b); }

void ByteRanges::add(Plan& plan) {
  add(parents_.size() - 1, plan.input());
  plan.forward([this](std::size_t node, const Tensor& output) { add(node, output); });
}

void ByteRanges::add(std::size_t i, const Tensor& values) {
  Range& range = ranges_[group_of(i)];
  if (!is_second_round_) {
    const Ends ends = ends_of(values.values());
    range.low = std::min(range.low, ends.low);
    range.high = std::max(range.high, ends.high);
  } else if (range.high > range.low) {
    count_values(values.values(), range.low, kBins / (range.high - range.low), range.counts);
  }
}

// Cuts off what lies far out, if that costs less than finer steps gain: the squared error decides.
ByteScale ByteRanges::scale(const Range& range) const {
  constexpr std::array kShares{1.F, .95F, .9F, .85F, .8F, .75F, .7F, .65F, .6F, .5F, .4F, .3F, .2F};
  Ends best{range.low, range.high};
  double least = std::numeric_limits<double>::infinity();
  for (const float share : kShares) {
    const Ends kept{range.low * share, range.high * share};
    const double error =
        squared_error(range.counts, range.low, (double{range.high} - range.low) / kBins, kept);
    if (error >= least) continue;
    least = error;
    best = kept;
  }
  return scale_of(best);
}

Quantization ByteRanges::quantization(const std::vector<std::size_t>& in_bytes) const {
  Quantization q;
  q.multiplies_bytes.resize(parents_.size() - 1);
  for (const std::size_t i : in_bytes) q.multiplies_bytes[i] = true;
  for (std::size_t i = 0; i < parents_.size(); ++i)
    q.outputs.push_back(scale(ranges_[group_of(i)]));
  q.input = q.outputs.back();
  q.outputs.pop_back();
  return q;
}

}  // namespace lucid
