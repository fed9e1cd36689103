#include "bench/layer_bench.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "support/temp_dir.h"

namespace lucid {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kConfig = R"({"model": {"input": {"channels": 1, "size": 6}, "layers": [
    {"type": "Conv3D", "out_channels": 8, "kernel_size": 3}, {"type": "ReLU"},
    {"type": "Linear", "out_features": 2}]},
  "loss": {"type": "MSELoss"}, "optimizer": {"type": "SGD", "lr": 0.1}, "data": {"batch_size": 2}})";

// Returns the parts that every step has, in order; reorders depend on the instruction set.
Words parts_of(const LayersFigures& figures) {
  Words parts;
  for (const LayerFigures& each : figures.steps)
    if (each.step.what != "reorder") parts.push_back(each.step.node + ": " + each.step.what);
  return parts;
}

StepReport report(const std::string& what, std::size_t bytes, double flops, double seconds) {
  StepReport step;
  step.node = "a";
  step.what = what;
  step.implementation = "jit";
  step.layouts = {"1x8x2x2x2 aBcde8b", "8x8x3x3x3 ABcde8b8a"};
  step.bytes_read = bytes / 2;
  step.bytes_written = bytes / 4;
  step.flops = flops;
  step.seconds = seconds;
  return step;
}

}  // namespace

TEST_CASE("the layers of a training step stand in running order, with loss and optimizer") {
  const test::TempDir folder;
  Engine engine(1);
  const MachinePeaks machine{"", "", {{"AVX2", 1e11}}, {1e10, 5e9}};
  const auto all =
      measure_layers(folder.write("a.json", kConfig), engine,
                     {.batch_size = 3, .repetition = {.repeats = 2, .seconds = 0}}, machine);
  REQUIRE(all.size() == 2);
  CHECK(parts_of(all[0]) == Words{"conv3d_1: convolution+relu", "linear_1: linear", ": loss",
                                  "linear_1: linear weight gradient",
                                  "linear_1: linear input gradient", "conv3d_1: relu gradient",
                                  "conv3d_1: convolution weight gradient", ": optimizer"});
  CHECK(parts_of(all[1]) == Words{"conv3d_1: convolution+relu", "linear_1: linear"});
  for (const LayersFigures& figures : all) {
    CHECK(figures.batch_size == 3);
    double sum = 0;
    for (const LayerFigures& each : figures.steps) {
      CAPTURE(each.step.what);
      CHECK(each.step.seconds > 0);
      CHECK(each.share > 0);
      sum += each.step.seconds;
    }
    CHECK(figures.seconds() == sum);
  }
}

TEST_CASE("a step is judged by the multiply-adds or the memory, whichever takes longer") {
  const MachinePeaks machine{"", "", {{"AVX2", 1e11}}, {1e10, 5e9}};
  // 1 GFLOP takes 10 ms; 5 MB read take 0.5 ms, and so do 2.5 MB written.
  const LayerFigures products = judged(report("convolution", 10'000'000, 1e9, 0.04), machine);
  CHECK(products.share == doctest::Approx(0.25));
  CHECK_FALSE(products.is_bound_by_memory);
  const LayerFigures memory = judged(report("max pool", 10'000'000, 0, 0.001), machine);
  CHECK(memory.share == doctest::Approx(1));
  CHECK(memory.is_bound_by_memory);
}

TEST_CASE("a table of layers marks what is slow and counts the reorders") {
  const MachinePeaks machine{"", "", {{"AVX2", 1e11}}, {1e10, 5e9}};
  LayersFigures figures{Mode::kInfer, 1, {}};
  figures.steps.push_back(judged(report("convolution", 10'000'000, 1e9, 0.04), machine));
  figures.steps.push_back(judged(report("reorder", 10'000'000, 0, 0.01 / 9), machine));
  figures.steps.push_back(judged(report("max pool", 1'000'000, 0, 0.0003), machine));
  CHECK(
      layers_table(figures) ==
      R"(layer  step         route  implementation  first value  layouts                ms  of all  GFLOP/s  GB/s  share
a      convolution         jit             1x8x2x2x2    aBcde8b,ABcde8b8a  40.000   96.6%     25.0   0.2  25% of peak    SLOW
a      reorder             jit             1x8x2x2x2    aBcde8b,ABcde8b8a   1.111    2.7%            6.8  90% of memory
a      max pool            jit             1x8x2x2x2    aBcde8b,ABcde8b8a   0.300    0.7%            2.5  33% of memory  slow
sum    1 reorders                                                          41.411                         27%
)");
}

TEST_CASE("the JSON of layers") {
  const MachinePeaks machine{"", "", {{"AVX2", 1e11}}, {1e10, 5e9}};
  LayersFigures figures{Mode::kTrain, 4, {}};
  figures.steps.push_back(judged(report("convolution", 10'000'000, 1e9, 0.04), machine));
  CHECK(layers_json(std::vector{figures}) ==
        parse_json(R"({"train": {"batch_size": 4, "ms": 40.0, "share": 0.25,
    "reorders": 0, "steps": [{"layer": "a", "step": "convolution", "direction": "forward", "route": "",
    "implementation": "jit", "layouts": ["1x8x2x2x2 aBcde8b", "8x8x3x3x3 ABcde8b8a"], "ms": 40.0,
    "flops": 1e9, "bytes_read": 5000000, "bytes_written": 2500000, "gflops": 25.0, "gb_per_second": 0.1875,
    "bound": "multiply-adds", "share": 0.25, "is_slow": true}]}})",
                   "a.json"));
}

}  // namespace lucid
