#include "layers/layer/panel_layout.h"
#include "layers/normalization/normalization.h"

namespace lucid {
namespace {

// What a shard gives: its samples, then two numbers a channel.
std::size_t numbers_of_shard(std::int64_t channels) {
  return 1 + 2 * static_cast<std::size_t>(channels);
}

// Calls visit(numbers of a shard) in the order of the shards.
template <class Visit>
void for_each_shard(std::span<const double> of_all, std::int64_t channels, const Visit& visit) {
  const std::size_t count = numbers_of_shard(channels);
  for (; !of_all.empty(); of_all = of_all.subspan(count)) visit(of_all.first(count));
}

double samples_of_all(std::span<const double> of_all, std::int64_t channels) {
  double samples = 0;
  for_each_shard(of_all, channels, [&](std::span<const double> shard) { samples += shard[0]; });
  return samples;
}

void give_statistics(const PanelNormalization& n, const SetStatistics* own,
                     std::vector<double>& numbers) {
  numbers.push_back(static_cast<double>(n.panels.samples));
  for (std::int64_t c = 0; c < n.panels.channels; ++c)
    numbers.insert(numbers.end(), {own[c].mean, own[c].variance});
}

// The mean of the shards' means, and the mean of their squared deviations from that (Chan, Golub
// and LeVeque 1979), both weighted by the samples.
void take_statistics(const PanelNormalization& n, std::span<const double> of_all,
                     SetStatistics* statistics) {
  const std::int64_t channels = n.panels.channels;
  const double samples = samples_of_all(of_all, channels);
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto at = 1 + 2 * static_cast<std::size_t>(c);
    double mean = 0, variance = 0;
    for_each_shard(of_all, channels,
                   [&](std::span<const double> shard) { mean += shard[0] / samples * shard[at]; });
    for_each_shard(of_all, channels, [&](std::span<const double> shard) {
      const double deviation = shard[at] - mean;
      variance += shard[0] / samples * (shard[at + 1] + deviation * deviation);
    });
    statistics[c] = {mean, variance, inverse_deviation(variance, n.eps)};
  }
}

void give_sums(const PanelNormalization& n, const PartialSums* own, std::vector<double>& numbers) {
  const std::int64_t channels = n.panels.channels;
  numbers.push_back(static_cast<double>(n.panels.samples));
  for (std::int64_t c = 0; c < channels; ++c) {
    PartialSums of_channel{};
    for (std::int64_t sample = 0; sample < n.panels.samples; ++sample) {
      of_channel.first += own[sample * channels + c].first;
      of_channel.second += own[sample * channels + c].second;
    }
    numbers.insert(numbers.end(), {of_channel.first, of_channel.second});
  }
}

// All of it is put down for the first sample.
void take_sums(const PanelNormalization& n, std::span<const double> of_all, PartialSums* sums) {
  const std::int64_t channels = n.panels.channels;
  const double share = static_cast<double>(n.panels.samples) / samples_of_all(of_all, channels);
  std::fill_n(sums, n.panels.samples * channels, PartialSums{});
  for_each_shard(of_all, channels, [&](std::span<const double> shard) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const auto at = 1 + 2 * static_cast<std::size_t>(c);
      sums[c].first += shard[at];
      sums[c].second += shard[at + 1];
    }
  });
  for (std::int64_t c = 0; c < channels; ++c)
    sums[c] = {sums[c].first * share, sums[c].second * share};
}

bool is_of_one_shard(const PanelNormalization& n, std::span<const double> of_all) {
  return of_all.size() == numbers_of_shard(n.panels.channels);
}

}  // namespace

Value record_synchronization(PlanBuilder& b, const NormalizationSteps& steps) {
  const PanelNormalization n = steps.normalization;
  const Value count = b.produce(workspace_layout<double>(1));
  const double own_count = static_cast<double>(n.sets.values(n.panels));
  b.synchronizing_step(
      steps.what + " statistics of all shards", kNormalizeImplementation,
      {updates(Slot::kStatistics, steps.statistics), updates(Slot::kCount, count)},
      [own_count](const StepArguments& step) { *step.out<double>(Slot::kCount) = own_count; },
      {.give =
           [n](const StepArguments& step, std::vector<double>& own) {
             give_statistics(n, step.in<SetStatistics>(Slot::kStatistics), own);
           },
       .take =
           [n](const StepArguments& step, std::span<const double> of_all) {
             if (is_of_one_shard(n, of_all)) return;
             take_statistics(n, of_all, step.out<SetStatistics>(Slot::kStatistics));
             *step.out<double>(Slot::kCount) =
                 samples_of_all(of_all, n.panels.channels) * static_cast<double>(n.panels.voxels);
           }});
  return count;
}

void record_sums_synchronization(PlanBuilder& b, const NormalizationSteps& steps, Value sums) {
  const PanelNormalization n = steps.normalization;
  b.synchronizing_step(steps.what + " sums of all shards", kNormalizeImplementation,
                       {updates(Slot::kSums, sums)}, [](const StepArguments&) {},
                       {.give =
                            [n](const StepArguments& step, std::vector<double>& own) {
                              give_sums(n, step.in<PartialSums>(Slot::kSums), own);
                            },
                        .take =
                            [n](const StepArguments& step, std::span<const double> of_all) {
                              if (!is_of_one_shard(n, of_all))
                                take_sums(n, of_all, step.out<PartialSums>(Slot::kSums));
                            }});
}

}  // namespace lucid
