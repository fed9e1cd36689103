#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "graph/ranges.h"
#include "layers/table/compiled_case.h"

// Layers that multiply bytes, beside the same layers in float.
namespace lucid::test {
namespace {

struct Row {
  std::string name;
  Shape input;
  std::string layers;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> all = {
      {"dense",
       {2, 20, 4, 5, 6},
       R"({"type": "Conv3D", "name": "a", "out_channels": 24, "kernel_size": 3, "padding": 1})"},
      {"of two channels, strided",
       {2, 2, 5, 6, 7},
       R"({"type": "Conv3D", "name": "a", "out_channels": 8, "kernel_size": [3, 2, 3],
           "stride": [2, 1, 2], "padding": [1, 0, 1]}, {"type": "ReLU"})"},
      {"dilated, leaky",
       {1, 16, 6, 7, 8},
       R"({"type": "Conv3D", "name": "a", "out_channels": 10, "kernel_size": 3, "padding": 2,
           "dilation": 2, "bias": false}, {"type": "LeakyReLU", "negative_slope": 0.25})"},
      {"pointwise",
       {2, 32, 3, 4, 5},
       R"({"type": "Conv3D", "name": "a", "out_channels": 16, "kernel_size": 1})"},
      {"transposed",
       {2, 16, 3, 4, 5},
       R"({"type": "ConvTranspose3D", "name": "a", "out_channels": 12, "kernel_size": [1, 2, 3],
           "stride": [1, 2, 3]}, {"type": "ReLU"})"},
      {"linear of a volume",
       {3, 20, 2, 3, 2},
       R"({"type": "Linear", "name": "a", "out_features": 19})"},
      {"linear of a row",
       {5, 24, 1, 1, 1},
       R"({"type": "Flatten"}, {"type": "Linear", "name": "a", "out_features": 8})"}};
  return all;
}

bool is_possible() {
  if (onednn::has_vnni()) return true;
  MESSAGE("skipped: this processor has no AVX512_VNNI");
  return false;
}

// Whole numbers from `low` to `low + count - 1`.
std::vector<float> whole_numbers(std::size_t size, std::int64_t low, std::uint64_t count) {
  Rng rng(1, "whole numbers");
  std::vector<float> numbers(size);
  for (float& number : numbers)
    number = static_cast<float>(low + static_cast<std::int64_t>(rng.below(count)));
  return numbers;
}

// Weights of which every output has one of 127, so that rounding leaves all as they are.
std::vector<float> exact_weights(const Parameter& weight, bool is_transposed) {
  std::vector<float> numbers = whole_numbers(weight.shape.count(), -127, 255);
  const auto outputs = static_cast<std::size_t>(weight.shape[is_transposed ? 1 : 0]);
  const std::size_t taps =
      is_transposed ? numbers.size() / outputs / static_cast<std::size_t>(weight.shape[0])
                    : numbers.size() / outputs;
  // Of a transposed convolution, (input, output, tap), each tap of the first input.
  for (std::size_t i = 0; i < outputs * taps; i += is_transposed ? 1 : taps) numbers[i] = 127;
  return numbers;
}

Quantization exact_bytes(const Graph& graph) {
  Quantization q;
  for (const Node& node : graph.nodes()) {
    q.multiplies_bytes.push_back(graph.fusion(node).multiplies_bytes());
    q.outputs.push_back({1, 9});
  }
  q.input = {1, 9};
  return q;
}

std::vector<float> run(const Row& row, const Quantization& quantization) {
  CompiledCase network(case_of(row.input, "[" + row.layers + "]"),
                       {.mode = Mode::kInfer, .quantization = quantization});
  network.set("input", whole_numbers(row.input.count(), -9, 256));
  for (Parameter& parameter : network.model.parameters()) {
    const bool is_transposed = row.layers.find("Transpose") != std::string::npos;
    network.set(parameter.name, parameter.name.ends_with("weight")
                                    ? exact_weights(parameter, is_transposed)
                                    : whole_numbers(parameter.shape.count(), -500, 1000));
  }
  network.model.parameters().touch();
  return copy_of(network.forward());
}

std::int64_t count_in(const std::string& text, const std::string& part) {
  std::int64_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

const std::string kUNet = R"([
  {"type": "Conv3D", "out_channels": 16, "kernel_size": 3, "padding": 1},
  {"type": "BatchNorm3D"},
  {"type": "ReLU", "name": "skip"},
  {"type": "MaxPool3D", "kernel_size": 2},
  {"type": "Conv3D", "out_channels": 24, "kernel_size": 3, "padding": 1},
  {"type": "LeakyReLU"},
  {"type": "Dropout3D"},
  {"type": "ConvTranspose3D", "name": "up", "out_channels": 16, "kernel_size": 2, "stride": 2},
  {"type": "Concat", "inputs": ["skip", "up"]},
  {"type": "Conv3D", "out_channels": 16, "kernel_size": 3, "padding": 1},
  {"type": "ReLU"},
  {"type": "Conv3D", "name": "classes", "out_channels": 3, "kernel_size": 1}])";

struct UNet {
  explicit UNet(Shape::Extent batch)
      : model(graph_of(model_of(case_of({batch, 1, 8, 8, 16}, kUNet))), engine, 3),
        options{.mode = Mode::kInfer, .batch = batch} {
    Rng rng(2, "volumes");
    input.resize(model.graph().input_shape().with_batch(batch).count());
    for (float& value : input) value = static_cast<float>(rng.normal());
  }

  Plan& ready(const CompileOptions& with) {
    Plan& plan = model.plan(with);
    std::ranges::copy(input, plan.input().values().begin());
    return plan;
  }
  Quantization learn() {
    ByteRanges ranges(model.graph(), options);
    ranges.add(ready(options));
    ranges.end_first_round();
    ranges.add(ready(options));
    return ranges.quantization(ranges.candidates());
  }
  std::vector<float> predict(const Quantization& quantization) {
    CompileOptions with = options;
    with.quantization = quantization;
    Plan& plan = ready(with);
    plan.forward();
    explained = plan.explain();
    return copy_of(plan.output().values());
  }

  Engine engine;
  Model model;
  CompileOptions options;
  std::vector<float> input;
  std::string explained;
};

}  // namespace

TEST_CASE("products of bytes are exact where nothing has to be rounded") {
  if (!is_possible()) return;
  for (const Row& row : rows()) {
    SUBCASE(row.name.c_str()) {
      const CompiledCase network(case_of(row.input, "[" + row.layers + "]"), {});
      const Quantization bytes = exact_bytes(network.model.graph());
      CHECK(std::ranges::count(bytes.multiplies_bytes, true) == 1);
      CHECK(run(row, bytes) == run(row, {}));
    }
  }
}

TEST_CASE("layers of bytes hand bytes on to each other") {
  if (!is_possible()) return;
  for (const Shape::Extent batch : {1, 2}) {
    CAPTURE(batch);
    UNet network(batch);
    const std::vector<float> exact = network.predict({});
    const std::vector<float> rounded = network.predict(network.learn());
    // The input becomes bytes, and what the last layer reads, which has too few outputs, is float.
    CHECK(count_in(network.explained, "to bytes") == 1);
    CHECK(count_in(network.explained, "to floats") == 0);
    CHECK(count_in(network.explained, "convolution+norm+relu [lucid:bytes]") == 1);
    CHECK(count_in(network.explained, "max pool [lucid:bytes]") == 1);
    CHECK(count_in(network.explained, "transposed convolution [lucid:bytes]") == 1);
    CHECK(count_in(network.explained, ": concat [lucid:copy_channels]") == (batch == 1 ? 0 : 1));
    double differences = 0, squares = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) {
      differences += std::pow(exact[i] - rounded[i], 2);
      squares += std::pow(exact[i], 2);
    }
    constexpr double kOfThreeRoundings = 0.02;  // of 255 steps each, and of the weights
    CHECK(differences > 0);
    CHECK(std::sqrt(differences / squares) < kOfThreeRoundings);
  }
}

TEST_CASE("a layer between floats reads and writes them") {
  if (!is_possible()) return;
  UNet network(1);
  Quantization one = network.learn();
  one.multiplies_bytes.assign(one.multiplies_bytes.size(), false);
  one.multiplies_bytes[4] = true;  // the second convolution
  network.predict(one);
  CHECK(count_in(network.explained, "to bytes") == 1);
  CHECK(count_in(network.explained, "[lucid:bytes]") == 2);
  CHECK(count_in(network.explained, "to floats") == 0);
}

TEST_CASE("the range of a node is that of what it hands on") {
  UNet network(1);
  const Quantization learned = network.learn();
  // The skip, the pooling, what is joined with it and the result have one range; behind the first
  // ReLU there is nothing below 0, but in what it is joined with.
  CHECK(learned.outputs[0] == learned.outputs[3]);
  CHECK(learned.outputs[0] == learned.outputs[7]);
  CHECK(learned.outputs[0] == learned.outputs[8]);
  CHECK(learned.outputs[0].zero > 0);
  CHECK(learned.outputs[9].zero == 0);
  CHECK(learned.input.zero > 0);
}

}  // namespace lucid::test
