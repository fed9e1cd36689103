#include "bench/step_bench.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/machine/resident.h"
#include "base/table.h"
#include "base/text.h"
#include "bench/workload.h"

namespace lucid {
namespace {

StepFigures measure_step(const std::filesystem::path& config, Engine& engine,
                         const BenchOptions& options, Mode mode) {
  BenchConfig read = read_bench_config(config);
  read.batch_size = options.batch_size.value_or(read.batch_size);
  read.precision = options.precision;
  read.memory_budget = options.memory_budget;
  Workload work(std::move(read), engine, mode);
  const std::vector<double> times = time_of(options.repetition, [&] { work.step(); });
  return {.mode = mode,
          .batch_size = work.batch_size(),
          .repeats = static_cast<std::int64_t>(times.size()),
          .median_seconds = median(times),
          .least_seconds = std::ranges::min(times),
          .flops = product_flops(work.model().graph(), mode, work.batch_size()),
          .peak_resident_bytes = peak_resident_bytes()};
}

double samples_per_second(const StepFigures& figures) {
  return static_cast<double>(figures.batch_size) / figures.median_seconds;
}

double share_of_peak(const StepFigures& figures, const MachinePeaks& machine) {
  return figures.flops / figures.median_seconds / machine.flops_per_second();
}

}  // namespace

std::string mode_name(Mode mode) { return mode == Mode::kTrain ? "train" : "infer"; }

std::vector<StepFigures> measure_steps(const std::filesystem::path& config, Engine& engine,
                                       const BenchOptions& options) {
  std::vector<StepFigures> all;
  for (const Mode mode : options.modes) {
    // If the system cannot reset the peak, the peak of this mode is unknown.
    const bool is_known = restart_peak_resident() || all.empty();
    all.push_back(measure_step(config, engine, options, mode));
    if (!is_known) all.back().peak_resident_bytes = 0;
  }
  return all;
}

std::string step_table(std::span<const StepFigures> figures, const MachinePeaks& machine) {
  Table table(
      {"", "median ms", "least ms", "repeats", "samples/s", "GFLOP/s", "of peak", "peak memory"});
  for (const StepFigures& f : figures)
    table.add({f.mode == Mode::kTrain ? "training step" : "inference",
               fixed_text(f.median_seconds * 1e3, 3), fixed_text(f.least_seconds * 1e3, 3),
               std::to_string(f.repeats), fixed_text(samples_per_second(f), 1),
               fixed_text(f.flops / f.median_seconds * 1e-9, 1),
               fixed_text(share_of_peak(f, machine) * 100, 1) + "%",
               f.peak_resident_bytes > 0 ? bytes_text(f.peak_resident_bytes) : "unknown"});
  return table.text();
}

Json step_json(std::span<const StepFigures> figures, const MachinePeaks& machine) {
  Json json = Json::object();
  for (const StepFigures& f : figures)
    json[mode_name(f.mode)] = {
        {"batch_size", f.batch_size},
        {"repeats", f.repeats},
        {"median_ms", f.median_seconds * 1e3},
        {"least_ms", f.least_seconds * 1e3},
        {"samples_per_second", samples_per_second(f)},
        {"flops", f.flops},
        {"gflops", f.flops / f.median_seconds * 1e-9},
        {"share_of_peak", share_of_peak(f, machine)},
        {"peak_memory_bytes",
         f.peak_resident_bytes > 0 ? Json(f.peak_resident_bytes) : Json(nullptr)}};
  return json;
}

}  // namespace lucid
