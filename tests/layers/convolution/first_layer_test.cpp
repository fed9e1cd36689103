#include <doctest/doctest.h>

#include "layers/convolution/forced_routes.h"

namespace lucid::test {
namespace {

// Three times the rounding of a direct convolution.
constexpr Tolerance kFirstLayerTolerance{1e-4, 3e-5};

constexpr const char* kFirstLayer = "first_layer";

}  // namespace

TEST_CASE("every row of the table of layers comes out the same by the kernel for first layers") {
  if (!has_vectors()) return;
  CHECK(compare_table(kFirstLayer, kFirstLayerTolerance) >= 10);
}

TEST_CASE("first layers of any size and padding come out the same by fewer products") {
  if (!has_vectors()) return;
  for (const Triple& size : {Triple{4, 4, 4}, {3, 5, 7}, {9, 6, 33}, {5, 13, 70}, {1, 2, 130}})
    for (const std::int64_t inputs : {1, 2, 3, 4})
      for (const std::string padding : {"1", "2", "[1, 2, 0]", "[2, 1, 2]"}) {
        if (size[2] < 3 && padding == "[1, 2, 0]") continue;
        const Shape input{2, inputs, size[0], size[1], size[2]};
        CAPTURE(input.str());
        CAPTURE(padding);
        compare_routes(
            case_of(input, conv(R"("out_channels": 19, "kernel_size": 3, "padding": )" + padding)),
            kFirstLayer, kFirstLayerTolerance);
      }
}

TEST_CASE("a first layer with a ReLU behind it comes out the same by fewer products") {
  if (!has_vectors()) return;
  for (const std::string activation : {R"("ReLU")", R"("LeakyReLU", "negative_slope": 0.25)"})
    compare_routes(case_of({2, 3, 8, 7, 12},
                           R"([{"type": "Conv3D", "out_channels": 8, "kernel_size": 3,
                               "padding": 1}, {"type": )" +
                               activation + "}]"),
                   kFirstLayer, kFirstLayerTolerance);
}

TEST_CASE("only 1 to 4 channels with kernels of 3x3x3 can go by the kernel for first layers") {
  const auto goes = [](const Shape& input, const std::string& arguments) {
    CompiledCase compiled(case_of(input, conv(R"("out_channels": 8, )" + arguments)),
                          training(forced(kFirstLayer)));
    return takes(compiled.plan, kFirstLayer);
  };
  CHECK(goes({1, 4, 8, 8, 8}, R"("kernel_size": 3)") == has_vectors());
  CHECK_FALSE(goes({1, 5, 8, 8, 8}, R"("kernel_size": 3)"));
  for (const std::string other :
       {R"("kernel_size": 5)", R"("kernel_size": [3, 3, 1])", R"("kernel_size": 3, "stride": 2)",
        R"("kernel_size": 3, "dilation": 2)", R"("kernel_size": 3, "padding": 3)"})
    CHECK_FALSE(goes({1, 4, 8, 8, 8}, other));
}

}  // namespace lucid::test
