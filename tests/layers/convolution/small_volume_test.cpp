#include <doctest/doctest.h>

#include "layers/convolution/forced_routes.h"

namespace lucid::test {
namespace {

// Both add up products of the definition, in another order.
constexpr Tolerance kSmallVolumeTolerance{1e-5, 2e-5};

constexpr const char* kSmallVolume = "small_volume";

}  // namespace

TEST_CASE("every row of the table of layers comes out the same by the kernel for small volumes") {
  if (!has_vectors()) return;
  CHECK(compare_table(kSmallVolume, kSmallVolumeTolerance) >= 40);
}

TEST_CASE("strides, paddings and kernels of any size come out the same in small volumes") {
  if (!has_vectors()) return;
  struct Row {
    Shape input;
    std::string arguments;
  };
  const std::vector<Row> rows = {
      {{32, 48, 2, 2, 2}, R"("out_channels": 32, "kernel_size": 3, "padding": 1)"},
      {{5, 16, 4, 4, 4},
       R"("out_channels": 40, "kernel_size": 3, "stride": 2, "padding": 1, "bias": false)"},
      {{3, 24, 1, 3, 5}, R"("out_channels": 16, "kernel_size": [1, 3, 5], "padding": [0, 1, 2])"},
      {{2, 9, 7, 6, 5},
       R"("out_channels": 21, "kernel_size": [3, 2, 4], "stride": [2, 3, 1], "padding": [1, 0, 2])"},
      {{9, 16, 3, 3, 3}, R"("out_channels": 16, "kernel_size": 2, "padding": 2)"},
      {{70, 8, 2, 3, 2}, R"("out_channels": 8, "kernel_size": 3, "padding": 1)"}};
  for (const Row& row : rows) {
    CAPTURE(row.input.str());
    compare_routes(case_of(row.input, conv(row.arguments)), kSmallVolume, kSmallVolumeTolerance);
  }
}

TEST_CASE("convolutions of few voxels whose padding dominates go by the kernel for them") {
  if (!has_vectors()) return;
  const std::string padded = R"("out_channels": 32, "kernel_size": 3, "padding": 1)";
  CHECK(is_chosen({8, 32, 2, 2, 2}, padded, kSmallVolume));
  CHECK(is_chosen({8, 32, 14, 14, 14}, padded + R"(, "stride": 2)",
                  kSmallVolume));  // weight gradient
  CHECK_FALSE(is_chosen({1, 32, 2, 2, 2}, padded, kSmallVolume));
  CHECK_FALSE(is_chosen({8, 32, 14, 14, 14}, padded, kSmallVolume));
  CHECK_FALSE(is_chosen({8, 32, 2, 2, 2}, R"("out_channels": 32, "kernel_size": 1)", kSmallVolume));
  CHECK_FALSE(is_chosen({8, 32, 3, 3, 3}, R"("out_channels": 32, "kernel_size": 3)", kSmallVolume));
}

}  // namespace lucid::test
