#include <doctest/doctest.h>

#include "layers/table/compiled_case.h"
#include "support/approx.h"

namespace lucid::test {
namespace {

CompiledCase pool_over_row(Shape::Extent width, const std::string& arguments) {
  return {case_of({1, 1, 1, 1, width}, R"([{"type": "MaxPool3D", )" + arguments + "}]"), kTraining};
}

}  // namespace

TEST_CASE("max pool sends the gradient to the first of equal maxima") {
  CompiledCase pool(case_of({1, 1, 2, 2, 2}, R"([{"type": "MaxPool3D", "kernel_size": 2}])"),
                    kTraining);
  pool.set("input", {1, 7, 2, 7, 7, 3, 7, 7});
  CHECK(pool.forward() == approx({7}));
  pool.backward_of_ones();
  CHECK(pool.plan.input_gradient().values() == approx({0, 1, 0, 0, 0, 0, 0, 0}));
}

TEST_CASE("max pool sends the gradient to the first of equal maxima in a blocked layout") {
  CompiledCase network(case_of({1, 1, 1, 1, 3}, R"([
      {"type": "Conv3D", "out_channels": 16, "kernel_size": 1, "bias": false},
      {"type": "MaxPool3D", "kernel_size": [1, 1, 2], "stride": 1}])"),
                       kTraining);
  network.set("input", {4, 4, 4});
  network.set("conv3d_1/weight", std::vector<float>(16, 1));
  CHECK(network.forward() == approx(std::vector<float>(32, 4)));
  network.backward_of_ones();
  CHECK(network.plan.input_gradient().values() == approx({16, 16, 0}));
}

TEST_CASE("max pool adds the gradients of the windows that chose the same voxel") {
  CompiledCase pool = pool_over_row(4, R"("kernel_size": [1, 1, 3], "stride": 1)");
  pool.set("input", {1, 9, 5, 3});
  pool.forward();
  pool.plan.output_gradient().values()[0] = 2;
  pool.plan.output_gradient().values()[1] = 5;
  pool.backward();
  CHECK(pool.plan.input_gradient().values() == approx({0, 7, 0, 0}));
}

TEST_CASE("max pool lets a NaN win wherever it stands") {
  CompiledCase pool = pool_over_row(9, R"("kernel_size": [1, 1, 3])");
  pool.set("input", {kNaN, 1, 2, 1, kNaN, kInfinity, 1, 2, kNaN});
  CHECK(pool.forward() == approx({kNaN, kNaN, kNaN}));
}

TEST_CASE("max pool pads with minus infinity, not with zero") {
  CompiledCase pool =
      pool_over_row(3, R"("kernel_size": [1, 1, 2], "stride": 1, "padding": [0, 0, 1])");
  pool.set("input", {-3, -5, -4});
  CHECK(pool.forward() == approx({-3, -3, -4, -4}));
}

TEST_CASE("max pool of minus infinities is minus infinity and sends the gradient to the first") {
  CompiledCase pool = pool_over_row(2, R"("kernel_size": [1, 1, 2])");
  pool.set("input", {-kInfinity, -kInfinity});
  CHECK(pool.forward() == approx({-kInfinity}));
  pool.backward_of_ones();
  CHECK(pool.plan.input_gradient().values() == approx({1, 0}));
}

TEST_CASE("max pool strides by its kernel when no stride is given") {
  CompiledCase pool = pool_over_row(5, R"("kernel_size": [1, 1, 2])");
  pool.set("input", {1, 2, 3, 4, 9});
  CHECK(pool.forward() == approx({2, 4}));
}

TEST_CASE("max pool with ceil_mode keeps the half window at the end") {
  CompiledCase pool = pool_over_row(5, R"("kernel_size": [1, 1, 2], "ceil_mode": true)");
  pool.set("input", {1, 2, 3, 4, -9});
  CHECK(pool.forward() == approx({2, 4, -9}));
}

}  // namespace lucid::test
