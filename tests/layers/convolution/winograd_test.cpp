#include <doctest/doctest.h>

#include "layers/convolution/forced_routes.h"

namespace lucid::test {
namespace {

// The terms of a tile are sums with factors of up to 8, which the sums of its outputs take apart
// again: some ten times the rounding of the definition's sums, of values of size 1.
constexpr Tolerance kWinogradTolerance{1e-4, 5e-5};

constexpr const char* kWinograd = "winograd";

}  // namespace

TEST_CASE("every row of the table of layers comes out the same by Winograd's products") {
  if (!has_vectors()) return;
  CHECK(compare_table(kWinograd, kWinogradTolerance) >= 40);
}

TEST_CASE("volumes in slabs come out the same by Winograd's products") {
  if (!has_vectors()) return;
  struct Row {
    Shape input;
    std::string arguments;
  };
  const std::vector<Row> rows = {
      {{1, 16, 37, 50, 43}, R"("out_channels": 16, "kernel_size": 3, "padding": 1)"},
      {{2, 16, 21, 46, 30},
       R"("out_channels": 40, "kernel_size": [5, 3, 3], "padding": [2, 0, 1])"},
      {{1, 48, 60, 18, 18},
       R"("out_channels": 20, "kernel_size": [1, 3, 3], "padding": [0, 2, 2])"},
      {{6, 32, 9, 13, 14}, R"("out_channels": 32, "kernel_size": 3, "bias": false)"}};
  for (const Row& row : rows) {
    CAPTURE(row.input.str());
    compare_routes(case_of(row.input, conv(row.arguments)), kWinograd, kWinogradTolerance);
  }
}

TEST_CASE("convolutions of many channels and kernels of 3x3 go by Winograd's products") {
  if (!has_vectors()) return;
  const Shape input{1, 16, 12, 12, 12};
  CHECK(is_chosen(input, R"("out_channels": 16, "kernel_size": [5, 3, 3], "padding": [2, 1, 1])",
                  kWinograd));
  CHECK(is_chosen(input, R"("out_channels": 16, "kernel_size": [1, 3, 3])", kWinograd));
  const auto others = {R"("out_channels": 8, "kernel_size": [1, 3, 3])",
                       R"("out_channels": 16, "kernel_size": 5)",
                       R"("out_channels": 16, "kernel_size": [1, 3, 3], "stride": 2)",
                       R"("out_channels": 16, "kernel_size": [1, 3, 3], "dilation": 2)",
                       R"("out_channels": 16, "kernel_size": [1, 3, 3], "padding": [0, 3, 3])"};
  for (const std::string other : others) {
    CAPTURE(other);
    CHECK_FALSE(is_chosen(input, other, kWinograd));
  }
  CHECK_FALSE(
      is_chosen({1, 16, 8, 8, 8}, R"("out_channels": 16, "kernel_size": [1, 3, 3])", kWinograd));
}

}  // namespace lucid::test
