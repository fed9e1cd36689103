#include <doctest/doctest.h>

#include "layers/table/compiled_case.h"
#include "support/approx.h"

namespace lucid::test {

TEST_CASE("linear multiplies rows of the input with rows of the weight") {
  CompiledCase linear(case_of({2, 2, 1, 1, 1}, R"([{"type": "Linear", "out_features": 2}])"),
                      kTraining);
  linear.set("input", {1, 2, 3, 4});
  linear.set("linear_1/weight", {5, 6, 7, 8});
  linear.set("linear_1/bias", {9, 10});
  CHECK(linear.forward() == approx({26, 33, 48, 63}));
  linear.backward_of_ones();
  CHECK(linear.plan.input_gradient().values() == approx({12, 14, 12, 14}));
  CHECK(linear.gradient("linear_1/weight") == approx({4, 6, 4, 6}));
  CHECK(linear.gradient("linear_1/bias") == approx({2, 2}));
}

// Weight f stands for the voxel at place f of (C, D, H, W), whatever layout the convolution left.
TEST_CASE("linear on a blocked volume counts its features in C, D, H, W order") {
  CompiledCase network(case_of({1, 1, 1, 1, 2}, R"([
      {"type": "Conv3D", "out_channels": 16, "kernel_size": 1, "bias": false},
      {"type": "Linear", "out_features": 1, "bias": false}])"),
                       {.mode = Mode::kInfer});
  std::vector<float> channels(16), features(32, 0);
  for (std::size_t c = 0; c < 16; ++c) channels[c] = static_cast<float>(c);
  features[2 * 5 + 1] = 100;  // channel 5, second voxel
  features[2 * 11] = 1;       // channel 11, first voxel
  network.set("input", {1, 2});
  network.set("conv3d_1/weight", channels);
  network.set("linear_1/weight", features);
  CHECK(network.forward() == approx({100 * 5 * 2 + 11 * 1}));
}

}  // namespace lucid::test
