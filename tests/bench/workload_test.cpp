#include "bench/workload.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "layers/table/compiled_case.h"
#include "paths.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

namespace lucid {
namespace {

Graph graph_from(const std::string& input, const std::string& layers) {
  return test::graph_of(
      parse_json(R"({"input": )" + input + R"(, "layers": )" + layers + "}", "a.json"));
}

// Returns the FLOPs that the steps of a plan report.
double step_flops(const Plan& plan) {
  double sum = 0;
  for (const StepReport& step : plan.report()) sum += step.flops;
  return sum;
}

struct Row {
  std::string name, layers;
  double forward;         // FLOPs for two samples of 2x4x4x4
  double input_gradient;  // FLOPs of the input gradients of all layers with weights but the first
};

const std::vector<Row> kRows = {
    // The count is 64 voxels x 3 channels x 2 x 27.
    {"padding counts", R"([{"type": "Conv3D", "out_channels": 3, "kernel_size": 3, "padding": 1}])",
     2.0 * 2 * 64 * 3 * 54, 0},
    {"stride and groups",
     R"([{"type": "Conv3D", "out_channels": 4, "kernel_size": 2, "stride": 2, "groups": 2}])",
     2.0 * 2 * 8 * 4 * 8, 0},
    // The count is 64 voxels read x 3 channels x 8 voxels written, then 8^3 x 3 -> 5.
    {"transposed, then linear", R"([
       {"type": "ConvTranspose3D", "out_channels": 3, "kernel_size": 2, "stride": 2},
       {"type": "ReLU"}, {"type": "Linear", "out_features": 5}])",
     2.0 * 2 * (64 * 2 * 3 * 8 + 5 * 3 * 512), 2.0 * 2 * 5 * 3 * 512},
    {"nothing before a pool learns", R"([
       {"type": "MaxPool3D", "kernel_size": 2}, {"type": "Linear", "out_features": 7}])",
     2.0 * 2 * 7 * 16, 0},
    {"two that read the input", R"([
       {"type": "Conv3D", "name": "a", "out_channels": 1, "kernel_size": 1},
       {"type": "Conv3D", "name": "b", "out_channels": 1, "kernel_size": 1, "inputs": "input"},
       {"type": "Add", "inputs": ["a", "b"]},
       {"type": "Conv3D", "name": "c", "out_channels": 4, "kernel_size": 1}])",
     2.0 * 2 * 64 * (2 + 2 + 4), 2.0 * 2 * 64 * 4},
};

}  // namespace

TEST_CASE("products are counted as by hand, and no gradient that nobody needs") {
  for (const Row& row : kRows) {
    SUBCASE(row.name.c_str()) {
      const Graph graph = graph_from(R"({"channels": 2, "size": 4})", row.layers);
      CHECK(product_flops(graph, Mode::kInfer, 2) == row.forward);
      CHECK(product_flops(graph, Mode::kTrain, 2) == 2 * row.forward + row.input_gradient);
    }
  }
}

TEST_CASE("inference neither counts nor times what only other outputs need") {
  const test::TempDir folder;
  const std::string file = folder.write("two.json", R"({"model": {
    "input": {"channels": 2, "size": 4}, "outputs": ["a", "b"], "layers": [
      {"type": "Conv3D", "name": "a", "out_channels": 3, "kernel_size": 1},
      {"type": "Conv3D", "name": "b", "out_channels": 5, "kernel_size": 1, "inputs": "input"}]},
    "loss": [{"type": "MSELoss"}, {"type": "L1Loss", "output": "b"}],
    "optimizer": {"type": "SGD", "lr": 0.1}})");
  const BenchConfig config = read_bench_config(file);
  const double a = 2.0 * 64 * 2 * 3, b = 2.0 * 64 * 2 * 5;
  CHECK(product_flops(config.graph, Mode::kInfer, 1) == a);
  CHECK(product_flops(config.graph, Mode::kTrain, 1) == 2 * (a + b));
  Engine engine(1);
  Workload infer(read_bench_config(file), engine, Mode::kInfer);
  CHECK(step_flops(infer.plan()) == a);
}

TEST_CASE("the steps of a plan multiply as much as its layers") {
  for (const Row& row : kRows) {
    SUBCASE(row.name.c_str()) {
      Engine engine(1);
      Model model(graph_from(R"({"channels": 2, "size": 4})", row.layers), engine, 0);
      for (const Mode mode : {Mode::kInfer, Mode::kTrain})
        CHECK(step_flops(model.plan(mode, 2)) == product_flops(model.graph(), mode, 2));
    }
  }
}

TEST_CASE("a network to time may lack data, and has the batch of its file") {
  const test::TempDir folder;
  const std::string rest = R"("model": {"input": {"channels": 1, "size": 4},
      "layers": [{"type": "Linear", "out_features": 2}]}, "loss": {"type": "MSELoss"},
      "optimizer": {"type": "SGD", "lr": 0.1, "momentum": 0.9})";
  CHECK(read_bench_config(folder.write("a.json", "{" + rest + "}")).batch_size == 1);
  CHECK(read_bench_config(folder.write("b.json", R"({"data": {"batch_size": 3}, )" + rest + "}"))
            .batch_size == 3);
  const std::string file = folder.write("c.json", R"({"data": {"batch_size": 0}, )" + rest + "}");
  CHECK(test::error_of([&] { read_bench_config(file); }) ==
        "2: " + file + ": /data/batch_size: expected an integer from 1 to 16777216, found 0");
}

TEST_CASE("a workload takes training steps and tells what they move") {
  const test::TempDir folder;
  const auto file = folder.write("a.json", R"({"model": {"input": {"channels": 1, "size": 2},
      "layers": [{"type": "Linear", "out_features": 3}]}, "loss": {"type": "CrossEntropyLoss"},
      "optimizer": {"type": "SGD", "lr": 0.1, "momentum": 0.9}, "data": {"batch_size": 4}})");
  Engine engine(1);
  Workload work(read_bench_config(file), engine, Mode::kTrain);
  const std::vector<float> before =
      work.model().parameters().at("linear_1/weight").value.plain_values(engine);
  const StepParts parts = work.step();
  CHECK(parts.loss > 0);
  CHECK(parts.update > 0);
  CHECK(work.model().parameters().at("linear_1/weight").value.plain_values(engine) != before);
  CHECK(work.loss_traffic().read == (4 * 3 + 4) * sizeof(float));
  CHECK(work.loss_traffic().written == 4 * 3 * sizeof(float));
  std::size_t stored = 0;
  for (const Parameter& parameter : work.model().parameters()) stored += parameter.value.bytes();
  CHECK(work.optimizer_traffic().read == 5 * stored);  // value and momentum twice, gradient once
  CHECK(work.optimizer_traffic().written == 0);
}

}  // namespace lucid
