#include "graph/receptive_field.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "graph/model.h"
#include "graph/parse.h"
#include "support/from_text.h"

namespace lucid {
namespace {

Graph sized_graph(const std::string& layers, const std::string& size) {
  return test::from_text(
      R"({"input": {"channels": 1, "size": )" + size + "}, \"layers\": [" + layers + "]}", "/model",
      read_graph);
}

// Measures how far along an axis a changed voxel changes the output in both directions. The voxel
// takes every place of one period of the network's grids.
AxisField measured(const std::string& layers, std::int64_t period) {
  Engine engine(1);
  const std::int64_t extent = 48;
  Model model(sized_graph(layers, "[48, 1, 1]"), engine, 3);
  for (Parameter& parameter : model.parameters())  // nothing cancels, and no ReLU gives 0
    for (float& value : parameter.value.values()) value = 0.01F + std::abs(value);
  model.parameters().touch();
  Plan& plan = model.plan(Mode::kInfer, 1);
  const auto predict = [&](std::int64_t changed) {
    const std::span<float> input = plan.input().values();
    std::ranges::fill(input, 0.F);
    if (changed >= 0) input[static_cast<std::size_t>(changed)] = 1000;
    plan.forward();
    const std::span<const float> output = plan.output().values();
    return std::vector<float>(output.begin(), output.end());
  };
  const std::vector<float> plain = predict(-1);
  AxisField field{.stride = period};
  for (std::int64_t at = extent / 2 - period; at < extent / 2; ++at) {
    const std::vector<float> changed = predict(at);
    for (std::int64_t o = 0; o < extent; ++o) {
      if (changed[static_cast<std::size_t>(o)] == plain[static_cast<std::size_t>(o)]) continue;
      field.before = std::max(field.before, o - at);
      field.behind = std::max(field.behind, at - o);
    }
  }
  return field;
}

struct FieldRow {
  const char* name;
  std::string layers;
  AxisField field;
};

std::string conv(const std::string& more) {
  return R"({"type": "Conv3D", "out_channels": 1, )" + more + "}";
}
const std::string kDense =
    R"({"type": "Conv3D", "out_channels": 1, "kernel_size": [3, 1, 1], "padding": [1, 0, 0]})";
const std::string kPool = R"({"type": "MaxPool3D", "kernel_size": [2, 1, 1]})";
const std::string kGrow =
    R"({"type": "ConvTranspose3D", "out_channels": 1, "kernel_size": [2, 1, 1], "stride": [2, 1, 1]})";

const std::vector<FieldRow> kRows = {
    {"one convolution", kDense, {1, 1, 1}},
    {"dilated",
     conv(R"("kernel_size": [5, 1, 1], "padding": [6, 0, 0], "dilation": [3, 1, 1])"),
     {6, 6, 1}},
    {"an even kernel", conv(R"("kernel_size": [4, 1, 1], "padding": "same")"), {1, 2, 1}},
    {"pointwise layers see nothing around", R"({"type": "ReLU"}, {"type": "Softmax"})", {0, 0, 1}},
    {"down and up", kPool + "," + kGrow, {1, 1, 2}},
    {"a level of a U-Net",
     kDense + "," + kPool + "," + kDense + "," + kGrow + "," + kDense,
     {5, 5, 2}},
    {"two levels",
     kPool + "," + kPool + "," + kDense + "," + kGrow + "," + kDense + "," + kGrow,
     {9, 9, 4}},
    {"down by three",
     conv(R"("kernel_size": [3, 1, 1], "stride": [3, 1, 1])") +
         R"(,{"type": "Upsample", "scale_factor": [3, 1, 1]})",
     {2, 2, 3}},
    {"trilinear",
     kPool + R"(,{"type": "Upsample", "scale_factor": [2, 1, 1], "mode": "trilinear"})",
     {2, 2, 2}},
    {"a transposed convolution whose phases overlap",
     R"({"type": "AvgPool3D", "kernel_size": [2, 1, 1]}, {"type": "ConvTranspose3D",
      "out_channels": 1, "kernel_size": [4, 1, 1], "stride": [2, 1, 1], "padding": [1, 0, 0]})",
     {2, 2, 2}},
};

}  // namespace

TEST_CASE("the receptive field is what a changed voxel shows it to be") {
  for (const FieldRow& row : kRows) {
    CAPTURE(row.name);
    const ReceptiveField found = receptive_field(sized_graph(row.layers, "[48, 1, 1]"));
    CHECK(found.is_limited());
    CHECK(found.axes[0].before == row.field.before);
    CHECK(found.axes[0].behind == row.field.behind);
    CHECK(found.axes[0].stride == row.field.stride);
    CHECK(found.axes[1] == AxisField{});
    CHECK(measured(row.layers, row.field.stride) == row.field);
  }
}

TEST_CASE("of branches the longest counts, and only what the main output needs") {
  const Graph graph = test::from_text(R"({
    "input": {"channels": 1, "size": 8}, "outputs": ["sum", "side"], "layers": [
      {"type": "Conv3D", "name": "small", "out_channels": 1, "kernel_size": 3, "padding": 1},
      {"type": "Conv3D", "name": "large", "inputs": "input", "out_channels": 1, "kernel_size": 5,
       "padding": 2},
      {"type": "Add", "name": "sum", "inputs": ["small", "large"]},
      {"type": "MaxPool3D", "name": "side", "inputs": "sum", "kernel_size": 2}]})",
                                      "/model", read_graph);
  for (const AxisField& axis : receptive_field(graph).axes) CHECK(axis == AxisField{2, 2, 1});
}

TEST_CASE("layers that see the whole volume are named") {
  const auto unlimited = [](const std::string& layers) {
    return receptive_field(sized_graph(layers, "[8, 8, 8]")).unlimited;
  };
  CHECK(unlimited(kDense) == "");
  CHECK(unlimited(kDense + R"(,{"type": "InstanceNorm3D"})") ==
        "'instancenorm3d_1' (InstanceNorm3D)");
  CHECK(unlimited(R"({"type": "GroupNorm", "num_groups": 1})") == "'groupnorm_1' (GroupNorm)");
  CHECK(unlimited(R"({"type": "AdaptiveAvgPool3D", "output_size": 1})") ==
        "'adaptiveavgpool3d_1' (AdaptiveAvgPool3D)");
  CHECK(unlimited(R"({"type": "Flatten"})") == "'flatten_1' (Flatten)");
  CHECK(unlimited(R"({"type": "Linear", "out_features": 2})") == "'linear_1' (Linear)");
  CHECK(unlimited(R"({"type": "Upsample", "size": 8})") == "'upsample_1' (Upsample)");
  CHECK(unlimited(R"({"type": "Upsample", "scale_factor": 1.5})") == "'upsample_1' (Upsample)");
  CHECK(unlimited(R"({"type": "Upsample", "scale_factor": 2, "mode": "trilinear",
                      "align_corners": true})") == "'upsample_1' (Upsample)");
  CHECK(unlimited(R"({"type": "BatchNorm3D"}, {"type": "Dropout"})") == "");
}

TEST_CASE("a joined field holds those of both networks, and strides that suit both") {
  ReceptiveField a, b;
  a.axes = {AxisField{3, 1, 4}, AxisField{0, 0, 1}, AxisField{2, 2, 2}};
  b.axes = {AxisField{2, 5, 6}, AxisField{1, 0, 2}, AxisField{}};
  b.unlimited = "'flatten_1' (Flatten)";
  const ReceptiveField both = joined(a, b);
  CHECK(both.axes ==
        std::array<AxisField, 3>{AxisField{3, 5, 12}, AxisField{1, 0, 2}, AxisField{2, 2, 2}});
  CHECK(both.unlimited == b.unlimited);
  CHECK(joined(b, a).unlimited == b.unlimited);
  CHECK(joined(a, a).is_limited());
}

}  // namespace lucid
