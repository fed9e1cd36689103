#include "bench/step_bench.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/temp_dir.h"

namespace lucid {
namespace {

const MachinePeaks kNamelessMachine{"", "", {{"AVX2", 1e11}}, {1e10, 5e9}};

// The figures are those of 2 GFLOP in 40 ms.
const StepFigures kFigures{.mode = Mode::kTrain,
                           .batch_size = 4,
                           .repeats = 12,
                           .median_seconds = 0.04,
                           .least_seconds = 0.032,
                           .flops = 2e9,
                           .peak_resident_bytes = 3 << 20};

}  // namespace

TEST_CASE("a training step and an inference are timed, each with its memory") {
  const test::TempDir folder;
  const auto file = folder.write("a.json", R"({"model": {"input": {"channels": 1, "size": 4},
      "layers": [{"type": "Linear", "out_features": 2}]}, "loss": {"type": "MSELoss"},
      "optimizer": {"type": "SGD", "lr": 0.1}})");
  Engine engine(1);
  const auto all = measure_steps(file, engine, {.repetition = {.repeats = 3, .seconds = 0}});
  REQUIRE(all.size() == 2);
  CHECK(all[0].mode == Mode::kTrain);
  CHECK(all[1].mode == Mode::kInfer);
  for (const StepFigures& figures : all) {
    CHECK(figures.batch_size == 1);
    CHECK(figures.repeats == 3);
    CHECK(figures.least_seconds > 0);
    CHECK(figures.median_seconds >= figures.least_seconds);
    CHECK(figures.flops == (figures.mode == Mode::kTrain ? 2 : 1) * 2.0 * 64 * 2);
  }
  CHECK(all[0].peak_resident_bytes > 1 << 20);
  const auto one = measure_steps(
      file, engine,
      {.modes = {Mode::kInfer}, .batch_size = 5, .repetition = {.repeats = 1, .seconds = 0}});
  REQUIRE(one.size() == 1);
  CHECK(one[0].batch_size == 5);
}

TEST_CASE("a step's table and JSON") {
  CHECK(step_table(std::vector{kFigures}, kNamelessMachine) ==
        "               median ms  least ms  repeats  samples/s  GFLOP/s  of peak  peak memory\n"
        "training step     40.000    32.000       12      100.0     50.0    50.0%  3.0 MiB\n");
  CHECK(step_json(std::vector{kFigures}, kNamelessMachine) ==
        parse_json(R"({"train": {"batch_size": 4,
    "repeats": 12, "median_ms": 40.0, "least_ms": 32.0, "samples_per_second": 100.0, "flops": 2e9,
    "gflops": 50.0, "share_of_peak": 0.5, "peak_memory_bytes": 3145728}})",
                   "a.json"));
  StepFigures unknown = kFigures;
  unknown.peak_resident_bytes = 0;
  CHECK(step_json(std::vector{unknown}, kNamelessMachine)["train"]["peak_memory_bytes"].is_null());
}

}  // namespace lucid
