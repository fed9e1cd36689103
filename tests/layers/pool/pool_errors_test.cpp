#include <doctest/doctest.h>

#include "layers/table/errors.h"

namespace lucid::test {
namespace {

const std::string kExtents = "an integer from 1 to 1048576 or [d, h, w] of them";
const std::string kPadding = "an integer from 0 to 1048576 or [d, h, w] of them";

}  // namespace

TEST_CASE("an average pool names what is wrong with each of its arguments") {
  check("AvgPool3D",
        {{R"("padding": 0)", ": expected the key 'kernel_size' (" + kExtents + "), found none"},
         {R"("kernel_size": 2, "stride": 0)", "/stride: expected " + kExtents + ", found 0"},
         {R"("kernel_size": 2, "padding": -1)", "/padding: expected " + kPadding + ", found -1"},
         {R"("kernel_size": 3, "padding": 2)",
          "/padding: expected at most half of the kernel 3x3x3, found 2x2x2"},
         {R"("kernel_size": 2, "ceil_mode": 1)", "/ceil_mode: expected true or false, found 1"},
         {R"("kernel_size": 2, "count_include_pad": "no")",
          "/count_include_pad: expected true or false, found 'no'"},
         {R"("kernel_size": 2, "divisor_override": 0)",
          "/divisor_override: expected an integer from 1 to 16777216, found 0"},
         {R"("kernel_size": 2, "dilation": 2)",
          "/dilation: unknown key; known: type, name, inputs, kernel_size, stride, padding, "
          "ceil_mode, count_include_pad, divisor_override"},
         {R"("kernel_size": 9)",
          ": layer 'avgpool3d_1' (AvgPool3D): a window of 9x9x9 voxels does not fit the padded "
          "input of 8x8x8: the output would be empty; nearest sizes that fit: d 9, h 9, "
          "w 9"}});
}

TEST_CASE("an adaptive pool names the nearest size that divides its input") {
  const std::string who = "/output_size: layer 'adaptiveavgpool3d_1' (AdaptiveAvgPool3D): ";
  check(
      "AdaptiveAvgPool3D",
      {{R"("name": "pool")", ": expected the key 'output_size' (" + kExtents + "), found none"},
       {R"("output_size": 0)", "/output_size: expected " + kExtents + ", found 0"},
       {R"("output_size": 3)", who + "expected a size that divides the input's 8x8x8, found 3x3x3; "
                                     "the nearest is 4x4x4"},
       {R"("output_size": [5, 1, 9])",
        who + "expected a size that divides the input's 8x8x8, found 5x1x9; the nearest is "
              "4x1x8"}});
  check("AdaptiveMaxPool3D",
        {{R"("output_size": [7, 6, 2])",
          "/output_size: layer 'adaptivemaxpool3d_1' (AdaptiveMaxPool3D): expected a size that "
          "divides the input's 8x8x8, found 7x6x2; the nearest is 8x8x2"},
         {R"("output_size": 1, "return_indices": true)",
          "/return_indices: expected false (the only value supported), found true"}});
}

TEST_CASE("the pools refuse a flat input") {
  for (const std::string type : {"AdaptiveAvgPool3D", "AdaptiveMaxPool3D"})
    CHECK(errors_in(R"({"type": "Flatten"}, {"name": "p", "output_size": 1, "type": ")" + type +
                    "\"}") == "model.json: /layers/1: layer 'p' (" + type +
                                  "): expected an input of (C, D, H, W), found 2048");
  CHECK(errors_in(R"({"type": "Flatten"}, {"name": "p", "kernel_size": 1, "type": "AvgPool3D"})") ==
        "model.json: /layers/1: layer 'p' (AvgPool3D): expected an input of (C, D, H, W), found "
        "2048");
}

}  // namespace lucid::test
