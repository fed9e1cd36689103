#include <doctest/doctest.h>

#include "layers/convolution/forced_routes.h"

namespace lucid::test {
namespace {

// Three times the rounding of a direct convolution.
constexpr Tolerance kFirstLayerTolerance{1e-4, 3e-5};

constexpr const char* kFirstLayer = "first_layer";

bool is_possible(const Shape& input, const std::string& arguments) {
  CompiledCase compiled(case_of(input, conv(arguments)), training(forced(kFirstLayer)));
  return takes(compiled.plan, kFirstLayer);
}

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

TEST_CASE("strided first layers of any size and padding come out the same by fewer products") {
  if (!has_vectors()) return;
  struct Row {
    const char* arguments;
    std::int64_t most_inputs;
  };
  const Row rows[] = {
      {R"("kernel_size": 5, "stride": 2)", 1},
      {R"("kernel_size": 5, "stride": 2, "padding": 2)", 1},
      {R"("kernel_size": 6, "stride": 2, "padding": [1, 3, 5])", 1},
      {R"("kernel_size": 4, "stride": 2, "padding": 1)", 1},
      {R"("kernel_size": 3, "stride": 2, "padding": 1)", 1},
      {R"("kernel_size": [3, 5, 5], "stride": [1, 2, 2], "padding": 1)", 2},
      {R"("kernel_size": [5, 2, 3], "stride": [2, 1, 1], "padding": [0, 1, 1])", 2},
      {R"("kernel_size": [3, 3, 6], "stride": [1, 1, 2], "padding": [1, 1, 0])", 4}};
  for (const Row& row : rows)
    for (const Triple& size :
         {Triple{6, 7, 6}, {7, 11, 13}, {12, 9, 33}, {17, 19, 40}, {8, 6, 141}})
      for (std::int64_t inputs = 1; inputs <= row.most_inputs; ++inputs) {
        const Shape input{2, inputs, size[0], size[1], size[2]};
        CAPTURE(input.str());
        CAPTURE(row.arguments);
        const std::string arguments = std::string(R"("out_channels": 19, )") + row.arguments;
        REQUIRE(is_possible(input, arguments));
        compare_routes(case_of(input, conv(arguments)), kFirstLayer, kFirstLayerTolerance);
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

TEST_CASE("a strided first layer with a ReLU behind it comes out the same by fewer products") {
  if (!has_vectors()) return;
  compare_routes(case_of({3, 1, 13, 32, 32},
                         R"([{"type": "Conv3D", "out_channels": 8, "kernel_size": 5, "stride": 2},
                             {"type": "LeakyReLU", "negative_slope": 0.1}])"),
                 kFirstLayer, kFirstLayerTolerance);
}

TEST_CASE("only few channels with small kernels can go by the kernel for first layers") {
  const auto goes = [](std::int64_t inputs, const std::string& arguments) {
    return is_possible({1, inputs, 8, 8, 8}, R"("out_channels": 8, )" + arguments);
  };
  CHECK(goes(4, R"("kernel_size": 3)") == has_vectors());
  CHECK(goes(1, R"("kernel_size": 3, "stride": 2)") == has_vectors());
  CHECK_FALSE(goes(5, R"("kernel_size": 3)"));
  CHECK_FALSE(goes(2, R"("kernel_size": 3, "stride": 2)"));  // 8 phases
  for (const std::string other :
       {R"("kernel_size": 5)", R"("kernel_size": [3, 3, 1])", R"("kernel_size": 3, "dilation": 2)",
        R"("kernel_size": 7, "stride": 2)", R"("kernel_size": 5, "stride": [2, 2, 1])",
        R"("kernel_size": 5, "stride": 3)", R"("kernel_size": [1, 5, 5], "stride": 2)",
        R"("kernel_size": 3, "padding": 3)"})
    CHECK_FALSE(goes(1, other));
}

}  // namespace lucid::test
