#include <doctest/doctest.h>

#include "data/array/box.h"
#include "infer/tiled/segmenter.h"
#include "support/approx.h"

namespace lucid {
namespace {

// What the network predicts for a volume of 10x12x16 in the middle of a window of 16x16x16, around
// which values behind the normalization are 0 or the volume's mirror image.
std::vector<float> of_padded(const test::Segmenter& f, const std::vector<std::uint8_t>& voxels,
                             PatchPadding padding, float mean, float std) {
  const Triple size{10, 12, 16}, before{3, 2, 0};
  Predictor predictor(f.options.checkpoints, read_trained_config(f.options.checkpoints.front()),
                      {});
  std::vector<float> window;
  for (std::int64_t d = 0; d < 16; ++d)
    for (std::int64_t h = 0; h < 16; ++h)
      for (std::int64_t w = 0; w < 16; ++w) {
        const bool is_inside = d >= 3 && d < 3 + size[0] && h >= 2 && h < 2 + size[1];
        const std::int64_t at =
            (mirrored(d - before[0], size[0]) * size[1] + mirrored(h - before[1], size[1])) *
                size[2] +
            w;
        const bool is_zero = !is_inside && padding == PatchPadding::kConstant;
        window.push_back(
            is_zero ? 0 : (static_cast<float>(voxels[static_cast<std::size_t>(at)]) - mean) / std);
      }
  const std::span<float> predicted = predictor.predict(window, 1);
  std::vector<float> inside;
  for (std::int64_t c = 0; c < 3; ++c)
    for (std::int64_t d = 0; d < size[0]; ++d)
      for (std::int64_t h = 0; h < size[1]; ++h)
        for (std::int64_t w = 0; w < size[2]; ++w)
          inside.push_back(predicted[static_cast<std::size_t>(
              ((c * 16 + d + before[0]) * 16 + h + before[1]) * 16 + w)]);
  return inside;
}

}  // namespace

TEST_CASE("a volume smaller than the window is padded as training pads it") {
  struct Row {
    Json patch;
    PatchPadding padding;
  };
  const Row rows[] = {{Json::object(), PatchPadding::kConstant},
                      {{{"padding_mode", "constant"}}, PatchPadding::kConstant},
                      {{{"padding_mode", "reflect"}}, PatchPadding::kReflect},
                      {nullptr, PatchPadding::kReflect}};  // not trained on patches
  for (const Row& row : rows) {
    CAPTURE(row.patch.dump());
    test::Segmenter f;
    if (!row.patch.is_null()) f.grid = {{"patch", row.patch}};
    f.train("run");
    const auto voxels = f.add_volume("a.h5", {10, 12, 16});
    f.options.tiles.emplace();
    CHECK(f.predictions() ==
          test::approx(of_padded(f, voxels, row.padding, 100, 50)).within(1e-5F));
  }
}

TEST_CASE("a network trained on patches sees nothing around a volume that holds a window") {
  test::Segmenter f;
  f.grid = {{"patch", Json::object()}};
  f.train("run");
  const auto voxels = f.add_volume("a.h5", {19, 16, 16});
  f.options.tiles.emplace().overlap = 0;
  const std::vector<float> found = f.predictions();
  constexpr std::size_t kPlane = 16 * 16;
  Predictor predictor(f.options.checkpoints, read_trained_config(f.options.checkpoints.front()),
                      {.threads = 1});
  // The stride is 2, but the windows begin at planes 0 and 3. What only one of them sees well
  // enough is what the network says of that window.
  for (const std::size_t begin : {0U, 3U}) {
    std::vector<float> window;
    for (std::size_t i = 0; i < 16 * kPlane; ++i)
      window.push_back((static_cast<float>(voxels[begin * kPlane + i]) - 100) / 50);
    const std::span<const float> expected = predictor.predict(window, 1);
    for (std::size_t c = 0; c < 3; ++c)
      for (const std::size_t plane : {begin, begin + 1, begin + 14, begin + 15}) {
        if (plane >= 8 && begin == 0) continue;
        if (plane < 11 && begin == 3) continue;
        CAPTURE(plane);
        const auto of = [&](std::span<const float> all, std::size_t planes, std::size_t at) {
          const auto values = all.subspan((c * planes + at) * kPlane, kPlane);
          return std::vector<float>(values.begin(), values.end());
        };
        CHECK(of(found, 19, plane) == test::approx(of(expected, 16, plane - begin)).within(1e-5F));
      }
  }
}

}  // namespace lucid
