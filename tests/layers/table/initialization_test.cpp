#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "layers/table/compiled_case.h"

namespace lucid::test {
namespace {

std::vector<float> initial(const std::string& layers, const std::string& parameter,
                           std::uint64_t seed = 1) {
  Engine engine;
  Model model(graph_of(model_of(case_of({1, 8, 4, 4, 4}, layers))), engine, seed);
  return model.parameters().at(parameter).value.plain_values(engine);
}

const std::string kNamedConv =
    R"({"type": "Conv3D", "name": "c", "out_channels": 16, "kernel_size": 3})";

}  // namespace

TEST_CASE("the slopes of a PReLU start from 0.25 or init") {
  CHECK(initial(R"([{"type": "PReLU", "name": "p"}])", "p/weight") == std::vector<float>{0.25F});
  CHECK(initial(R"([{"type": "PReLU", "name": "p", "num_parameters": 8, "init": -0.5}])",
                "p/weight") == std::vector<float>(8, -0.5F));
}

TEST_CASE("the weights of a norm start from 1 or init") {
  for (const char* norm : {R"({"type": "BatchNorm3D")", R"({"type": "InstanceNorm3D")",
                           R"({"type": "GroupNorm", "num_groups": 2)"}) {
    CAPTURE(norm);
    const std::string affine = "[" + std::string(norm) + R"(, "name": "n", "affine": true)";
    CHECK(initial(affine + "}]", "n/weight") == std::vector<float>(8, 1));
    CHECK(initial(affine + R"(, "init": 0.5}])", "n/weight") == std::vector<float>(8, 0.5F));
    CHECK(initial(affine + R"(, "init": 0.5}])", "n/bias") == std::vector<float>(8, 0));
  }
}

TEST_CASE("parameters start from U(-1/sqrt(fan_in), 1/sqrt(fan_in))") {
  struct Row {
    const char* layer;
    double fan_in;
  };
  for (
      const Row& row :
      {Row{R"({"type": "Conv3D", "name": "c", "out_channels": 16, "kernel_size": 3})", 8 * 27},
       Row{R"({"type": "Conv3D", "name": "c", "out_channels": 16, "kernel_size": 3, "groups": 2})",
           4 * 27},
       Row{R"({"type": "Conv3D", "name": "c", "out_channels": 64, "kernel_size": [1, 2, 3]})",
           8 * 6},
       Row{R"({"type": "ConvTranspose3D", "name": "c", "out_channels": 32, "kernel_size": 2})",
           32 * 8},
       Row{R"({"type": "ConvTranspose3D", "name": "c", "out_channels": 48, "kernel_size": [3, 2, 4],
                "groups": 4})",
           12 * 24},
       Row{R"({"type": "Linear", "name": "c", "out_features": 8})", 8 * 64}}) {
    INFO(std::string(row.layer));
    const double bound = 1 / std::sqrt(row.fan_in);
    const auto weight = initial("[" + std::string(row.layer) + "]", "c/weight");
    const auto bias = initial("[" + std::string(row.layer) + "]", "c/bias");
    for (const auto* values : {&weight, &bias}) {
      const auto [least, most] = std::ranges::minmax(*values);
      CHECK(least >= -bound);
      CHECK(most <= bound);
    }
    // At least 1,700 draws: mean and deviation are known to 1.4 % of the bound; three times that.
    const auto count = static_cast<double>(weight.size());
    const double mean = std::accumulate(weight.begin(), weight.end(), 0.0) / count;
    const double square = std::inner_product(weight.begin(), weight.end(), weight.begin(), 0.0);
    CHECK(std::abs(mean) < 0.042 * bound);
    CHECK(std::abs(std::sqrt(square / count) - bound / std::sqrt(3)) < 0.042 * bound);
    const auto is_large = [bound](float value) { return std::abs(value) > 0.5 * bound; };
    CHECK(std::ranges::any_of(bias, is_large));  // a bias is drawn, too
  }
}

TEST_CASE("initial parameters are a function of the seed and the layer's name alone") {
  const auto alone = initial("[" + kNamedConv + "]", "c/weight");
  const auto after_another =
      initial(R"([{"type": "Conv3D", "name": "before", "out_channels": 8, "kernel_size": 1}, )" +
                  kNamedConv + "]",
              "c/weight");
  CHECK(alone == after_another);
  CHECK(alone != initial("[" + kNamedConv + "]", "c/weight", 2));
}

TEST_CASE("layers of the same shape start differently") {
  const std::string two = R"([{"type": "Conv3D", "out_channels": 8, "kernel_size": 1},
                              {"type": "Conv3D", "out_channels": 8, "kernel_size": 1}])";
  CHECK(initial(two, "conv3d_1/weight") != initial(two, "conv3d_2/weight"));
}

}  // namespace lucid::test
