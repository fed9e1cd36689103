#include <doctest/doctest.h>

#include "layers/convolution/forced_routes.h"

namespace lucid::test {
namespace {

// As for Winograd's products over planes, with two terms more along depth, and of more channels.
constexpr Tolerance kTolerance{1e-4, 2e-4};

constexpr const char* kRoute = "winograd_3d";

}  // namespace

TEST_CASE("every row of the table of layers comes out the same by nested Winograd") {
  if (!has_vectors()) return;
  CHECK(compare_table(kRoute, kTolerance) >= 20);
}

TEST_CASE("volumes of several blocks of tiles come out the same by nested Winograd") {
  if (!has_vectors()) return;
  struct Row {
    Shape input;
    std::string arguments;
  };
  const std::vector<Row> rows = {
      {{1, 16, 17, 50, 43}, R"("out_channels": 16, "kernel_size": 3, "padding": 1)"},
      {{2, 16, 21, 26, 30}, R"("out_channels": 40, "kernel_size": 3, "padding": [2, 0, 1])"},
      {{1, 48, 20, 18, 18}, R"("out_channels": 20, "kernel_size": 3, "padding": [0, 2, 2])"},
      {{6, 32, 9, 13, 14}, R"("out_channels": 32, "kernel_size": 3, "bias": false)"},
      {{1, 32, 17, 18, 22}, R"("out_channels": 16, "kernel_size": 3, "padding": 4, "dilation": 4)"},
      {{2, 16, 15, 9, 31},
       R"("out_channels": 24, "kernel_size": 3, "padding": [6, 0, 3], "dilation": [3, 1, 7])"},
      {{1, 3, 11, 12, 13}, R"("out_channels": 5, "kernel_size": 3, "padding": 1)"},
      {{2, 24, 8, 10, 9}, R"("out_channels": 8, "kernel_size": 3, "padding": 1)"},
      {{3, 128, 6, 5, 7}, R"("out_channels": 96, "kernel_size": 3, "padding": 1)"}};
  for (const Row& row : rows) {
    CAPTURE(row.input.str());
    compare_routes(case_of(row.input, conv(row.arguments)), kRoute, kTolerance);
  }
}

TEST_CASE("convolutions of many channels and kernels of 3x3x3 go by nested Winograd") {
  if (!has_vectors()) return;
  const Shape input{1, 16, 12, 20, 20};
  CHECK(is_chosen(input, R"("out_channels": 16, "kernel_size": 3, "padding": 1)", kRoute));
  CHECK(is_chosen(input, R"("out_channels": 16, "kernel_size": 3, "padding": 2, "dilation": 2)",
                  kRoute));
  const auto others = {R"("out_channels": 7, "kernel_size": 3)",
                       R"("out_channels": 16, "kernel_size": [1, 3, 3])",
                       R"("out_channels": 16, "kernel_size": 5)",
                       R"("out_channels": 16, "kernel_size": 3, "stride": 2)",
                       R"("out_channels": 16, "kernel_size": 3, "padding": 8, "dilation": 8)",
                       R"("out_channels": 16, "kernel_size": 3, "padding": 3)"};
  for (const std::string other : others) {
    CAPTURE(other);
    CHECK_FALSE(is_chosen(input, other, kRoute));
  }
}

}  // namespace lucid::test
