#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "layers/table/compiled_case.h"

namespace lucid::test {
namespace {

// The output's extent along D of a cube of `size` voxels.
Shape::Extent output_extent(Shape::Extent size, const Json& layer) {
  const Case row{"", {1, size, size, size}, 1, {layer}, 1, {}};
  const Shape output = graph_of(model_of(row)).output_shape();
  CHECK(output[1] == output[2]);
  CHECK(output[2] == output[3]);
  return output[1];
}

}  // namespace

TEST_CASE("a convolution's output size is PyTorch's") {
  struct Row {
    int stride, padding, dilation, expected;
  };
  for (const Row& row : std::vector<Row>{{1, 0, 1, 6},
                                         {1, 1, 1, 8},
                                         {1, 0, 2, 4},
                                         {1, 1, 2, 6},
                                         {2, 0, 1, 3},
                                         {2, 1, 1, 4},
                                         {2, 0, 2, 2},
                                         {2, 1, 2, 3}}) {
    INFO("stride ", row.stride, ", padding ", row.padding, ", dilation ", row.dilation);
    CHECK(output_extent(8, {{"type", "Conv3D"},
                            {"out_channels", 1},
                            {"kernel_size", 3},
                            {"stride", row.stride},
                            {"padding", row.padding},
                            {"dilation", row.dilation}}) == row.expected);
  }
}

TEST_CASE("'same' keeps the size with every kernel and dilation") {
  for (const int kernel : {1, 2, 3, 4, 5, 9})
    for (const int dilation : {1, 2, 3})
      CHECK(output_extent(6, {{"type", "Conv3D"},
                              {"out_channels", 1},
                              {"kernel_size", kernel},
                              {"padding", "same"},
                              {"dilation", dilation}}) == 6);
}

TEST_CASE("a max pool's output size is PyTorch's, rounded down or up") {
  struct Row {
    int size, kernel, stride, padding, floor, ceil;
  };
  for (const Row& row :
       std::vector<Row>{{5, 2, 2, 0, 2, 3},
                        {7, 2, 2, 0, 3, 4},
                        {26, 3, 2, 0, 12, 13},
                        {9, 3, 2, 1, 5, 5},
                        {3, 2, 2, 1, 2, 2},  // a third window would start in the padding
                        {5, 2, 3, 1, 2, 2},
                        {6, 3, 2, 1, 3, 4},
                        {2, 1, 3, 0, 1, 1}}) {
    INFO("size ", row.size, ", kernel ", row.kernel, ", stride ", row.stride);
    Json layer = {{"type", "MaxPool3D"},
                  {"kernel_size", row.kernel},
                  {"stride", row.stride},
                  {"padding", row.padding}};
    CHECK(output_extent(row.size, layer) == row.floor);
    layer["ceil_mode"] = true;
    CHECK(output_extent(row.size, layer) == row.ceil);
  }
}

TEST_CASE("a max pool with ceil_mode takes a kernel that hangs over its input") {
  CHECK(output_extent(
            2, {{"type", "MaxPool3D"}, {"kernel_size", 3}, {"stride", 2}, {"ceil_mode", true}}) ==
        1);
}

}  // namespace lucid::test
