#include "bench/rank_bench.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/table.h"
#include "base/text.h"
#include "bench/workload.h"
#include "train/step/reduction.h"

namespace lucid {
namespace {

constexpr std::int64_t kMostModelledRanks = 8192;
// What a step's means divide by, its losses, and whether all go on.
constexpr std::int64_t kGathersOfStep = 3;

RankStep timed_step(Workload& work, std::span<const Bucket> buckets) {
  RankStep step;
  const Stopwatch watch;
  const StepParts parts = work.step([&](std::size_t end) {
    while (step.buckets.size() < buckets.size() && buckets[step.buckets.size()].end <= end)
      step.buckets.push_back(
          {watch.seconds(),
           static_cast<double>(buckets[step.buckets.size()].size() * sizeof(float))});
  });
  step.update_seconds = parts.update;
  step.passes_seconds = watch.seconds() - parts.update;
  step.gathers = kGathersOfStep;
  for (const auto direction : {Plan::Direction::kForward, Plan::Direction::kBackward})
    step.gathers += static_cast<std::int64_t>(work.plan().synchronizations(direction));
  return step;
}

double efficiency(const RankStep& step, double seconds) { return step.seconds() / seconds; }

std::string percent(double share) { return fixed_text(100 * share, 1) + "%"; }

}  // namespace

RankStep measure_rank_step(const std::filesystem::path& config, Engine& engine,
                           const BenchOptions& options) {
  BenchConfig read = read_bench_config(config);
  read.batch_size = options.batch_size.value_or(read.batch_size);
  read.precision = options.precision;
  read.memory_budget = options.memory_budget;
  Workload work(std::move(read), engine, Mode::kTrain);
  const auto buckets = buckets_of(work.model().parameters().gradients().size());
  std::vector<RankStep> steps;
  time_of(options.repetition, [&] { steps.push_back(timed_step(work, buckets)); });
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::ranges::nth_element(steps, middle, {}, &RankStep::seconds);
  return *middle;
}

std::vector<ScaledStep> scaled_steps(const RankStep& step, const Interconnect& interconnect) {
  std::vector<ScaledStep> all;
  for (std::int64_t ranks = 1; ranks <= kMostModelledRanks; ranks *= 2)
    all.push_back(scaled_step(step, ranks, interconnect));
  return all;
}

std::string scaled_steps_table(const RankStep& step, std::span<const ScaledStep> scaled) {
  double bytes = 0;
  for (const ReadyBucket& bucket : step.buckets) bytes += bucket.bytes;
  std::string text = "a step of one rank: passes " + fixed_text(step.passes_seconds * 1e3, 3) +
                     " ms, update " + fixed_text(step.update_seconds * 1e3, 3) + " ms; " +
                     bytes_text(static_cast<std::size_t>(bytes)) + " of gradients, ready after";
  for (const ReadyBucket& bucket : step.buckets)
    text += " " + fixed_text(bucket.ready_seconds * 1e3, 3);
  Table table({"ranks", "ms", "efficiency", "not overlapped ms", "efficiency"});
  for (const ScaledStep& each : scaled)
    table.add({std::to_string(each.ranks), fixed_text(each.overlapped_seconds * 1e3, 3),
               percent(efficiency(step, each.overlapped_seconds)),
               fixed_text(each.sequential_seconds * 1e3, 3),
               percent(efficiency(step, each.sequential_seconds))});
  return text + " ms\n" + table.text();
}

Json scaled_steps_json(const RankStep& step, std::span<const ScaledStep> scaled) {
  Json json = {{"passes_ms", step.passes_seconds * 1e3}, {"update_ms", step.update_seconds * 1e3}};
  for (const ReadyBucket& bucket : step.buckets)
    json["buckets"].push_back({{"ready_ms", bucket.ready_seconds * 1e3}, {"bytes", bucket.bytes}});
  for (const ScaledStep& each : scaled)
    json["steps"].push_back({{"ranks", each.ranks},
                             {"ms", each.overlapped_seconds * 1e3},
                             {"efficiency", efficiency(step, each.overlapped_seconds)},
                             {"sequential_ms", each.sequential_seconds * 1e3},
                             {"sequential_efficiency", efficiency(step, each.sequential_seconds)}});
  return json;
}

}  // namespace lucid
