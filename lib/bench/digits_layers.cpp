#include "bench/digits_layers.h"

#include <nlohmann/json.hpp>

#include "base/triple.h"

namespace lucid {

Json DigitsLayer::model(std::int64_t size) const {
  const Json layer = {{"type", is_transposed ? "ConvTranspose3D" : "Conv3D"},
                      {"name", "layer"},
                      {"out_channels", outputs},
                      {"kernel_size", kernel},
                      {"stride", stride},
                      {"dilation", dilation},
                      {"groups", groups},
                      {"padding", padding()}};
  Json layers = Json::array();
  if (reads_blocks)
    layers.push_back({{"type", "Conv3D"},
                      {"name", "before"},
                      {"out_channels", inputs},
                      {"kernel_size", 1},
                      {"groups", inputs},
                      {"bias", false}});
  layers.push_back(layer);
  const std::int64_t voxels = is_transposed ? size / stride : size;
  return {{"input", {{"channels", inputs}, {"size", {voxels, voxels, voxels}}}},
          {"layers", layers}};
}

const std::vector<DigitsLayer>& digits_layers() {
  static const std::vector<DigitsLayer> all = {
      {"1x1x1, 8 to 8", 8, 8, 1},
      {"1x1x1, 16 to 3", 16, 3, 1, 1, 1, 1, false, true},
      {"1x1x1, 32 to 32, strided", 32, 32, 1, 2},
      {"3x3x3, 1 to 16", 1, 16, 3},
      {"3x3x3, 8 to 8", 8, 8, 3},
      {"3x3x3, 16 to 16", 16, 16, 3},
      {"3x3x3, 16 to 16, strided", 16, 16, 3, 2},
      {"3x3x3, 8 to 8, dilated", 8, 8, 3, 1, 2},
      {"3x3x3, 16 to 16, dilated", 16, 16, 3, 1, 4},
      {"3x3x3, 12 to 12, 3 groups", 12, 12, 3, 1, 1, 3},
      {"3x3x3, 16 to 16, 2 groups", 16, 16, 3, 1, 1, 2},
      {"3x3x3, 8 depthwise", 8, 8, 3, 1, 1, 8},
      {"5x5x5, 2 to 16", 2, 16, 5},
      {"5x5x5, 1 to 16, strided", 1, 16, 5, 2},
      {"2x2x2, 4 to 8, strided", 4, 8, 2, 2},
      {"2x2x2, 16 to 8, transposed", 16, 8, 2, 2, 1, 1, true},
      {"3x3x3, 16 to 8, transposed", 16, 8, 3, 2, 1, 1, true},
      {"3x3x3, 8 to 8, transposed, stride 1", 8, 8, 3, 1, 1, 1, true}};
  return all;
}

// The first axis of a weight counts the channels of the coarse tensor, the second those of a group
// of the fine one.
double weight_gradient(const DigitsLayer& layer, const PlainTensor& coarse, const PlainTensor& fine,
                       const Shape& weight, std::int64_t element) {
  const std::int64_t k = layer.kernel, taps = k * k * k, tap = element % taps;
  const std::int64_t c = element / taps / weight[1], of_group = element / taps % weight[1];
  const std::int64_t f = c / (coarse.shape[1] / layer.groups) * weight[1] + of_group;
  const Triple at{tap / k / k, tap / k % k, tap % k};
  const auto place = [&](std::int64_t v, std::size_t axis) {
    const std::int64_t found = v * layer.stride - layer.padding() + at[axis] * layer.dilation;
    return found < fine.shape[axis + 2] ? found : -1;
  };
  const auto row = [](const PlainTensor& of, std::int64_t channel, std::int64_t d, std::int64_t h) {
    const Shape& s = of.shape;
    return of.values.data() + ((channel * s[2] + d) * s[3] + h) * s[4];
  };
  double sum = 0;
  for (std::int64_t d = 0; d < coarse.shape[2]; ++d)
    for (std::int64_t h = 0; h < coarse.shape[3]; ++h) {
      const std::int64_t z = place(d, 0), y = place(h, 1);
      if (z < 0 || y < 0) continue;
      const float *of_coarse = row(coarse, c, d, h), *of_fine = row(fine, f, z, y);
      for (std::int64_t w = 0; w < coarse.shape[4]; ++w)
        if (const std::int64_t x = place(w, 2); x >= 0)
          sum += static_cast<double>(of_coarse[w]) * static_cast<double>(of_fine[x]);
    }
  return sum;
}

}  // namespace lucid
