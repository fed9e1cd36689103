#include <doctest/doctest.h>

#include <functional>
#include <set>

#include "data/augment/augmented.h"
#include "support/golden.h"

namespace lucid {
namespace {

using test::augmented;
using test::counting_sample;

// Checks that the element at (d, h, w) of the result is the one at from(d, h, w) of the counting
// sample, in both channels and in the labels.
bool comes_from(const AugmentedSample& result, const Triple& extents,
                const std::function<Triple(Triple)>& from) {
  const std::int64_t voxels = extents[0] * extents[1] * extents[2];
  const Triple size = result.volume.extents;
  std::size_t at = 0;
  for (std::int64_t d = 0; d < size[0]; ++d)
    for (std::int64_t h = 0; h < size[1]; ++h)
      for (std::int64_t w = 0; w < size[2]; ++w, ++at) {
        const Triple source = from({d, h, w});
        const std::int64_t value = (source[0] * extents[1] + source[1]) * extents[2] + source[2];
        const std::size_t count = result.labels.values.size();
        if (result.labels.values[at] != static_cast<float>(value) ||
            result.volume.values[at] != static_cast<float>(value) ||
            result.volume.values[at + count] != static_cast<float>(value + voxels))
          return false;
      }
  return true;
}

}  // namespace

TEST_CASE("RandomFlip turns each axis around by index arithmetic") {
  const Triple extents{3, 4, 5};
  for (const std::string axes : {"d", "h", "w", "dw", "hwd"}) {
    CAPTURE(axes);
    const auto flipped = augmented(R"([{"type": "RandomFlip", "p": 1, "axes": ")" + axes + "\"}]",
                                   counting_sample(extents));
    CHECK(comes_from(flipped, extents, [&](Triple at) {
      for (std::size_t axis = 0; axis < 3; ++axis)
        if (axes.find("dhw"[axis]) != std::string::npos) at[axis] = extents[axis] - 1 - at[axis];
      return at;
    }));
  }
}

TEST_CASE("RandomFlip decides for each axis by itself, half of the time by default") {
  std::set<std::vector<float>> seen;
  for (std::uint64_t seed = 0; seed < 60; ++seed)
    seen.insert(
        augmented(R"([{"type": "RandomFlip"}])", counting_sample({2, 2, 2}), seed).volume.values);
  CHECK(seen.size() == 8);
  const auto never = augmented(R"([{"type": "RandomFlip", "p": 0}])", counting_sample({2, 2, 2}));
  CHECK(never.volume.values == counting_sample({2, 2, 2}).volume.values);
}

TEST_CASE("rotate90 is PyTorch's rot90") {
  const Json golden = test::read_golden("augmentation.json");
  for (const Json& row : golden["rot90"]) {
    CAPTURE(row["axes"].dump());
    CAPTURE(row["turns"].dump());
    AugmentedSample sample = counting_sample({3, 3, 3});
    rotate90(sample.labels, row["axes"][0], row["axes"][1], row["turns"]);
    CHECK(sample.labels.values == test::floats(row["values"]));
  }
}

TEST_CASE("RandomRotate90 takes every quarter turn of its planes") {
  const Triple extents{3, 4, 3};
  std::set<std::vector<float>> seen;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto turned = augmented(R"([{"type": "RandomRotate90", "planes": "dw"}])",
                                  counting_sample(extents), seed);
    seen.insert(turned.volume.values);
    bool is_turn = false;
    for (int turns = 0; turns < 4; ++turns)
      is_turn = is_turn || comes_from(turned, extents, [&](Triple at) {
                  for (int i = 0; i < turns; ++i) at = {at[2], at[1], 2 - at[0]};
                  return at;
                });
    CHECK(is_turn);
  }
  CHECK(seen.size() == 4);
  seen.clear();
  for (std::uint64_t seed = 0; seed < 400; ++seed)
    seen.insert(augmented(R"([{"type": "RandomRotate90", "planes": ["hw", "dh", "dw"]}])",
                          counting_sample({2, 2, 2}), seed)
                    .volume.values);
  CHECK(seen.size() == 24);  // rotations of a cube
}

TEST_CASE("RandomCrop cuts volume and labels at the same place, and at every place") {
  const Triple extents{3, 4, 5};
  std::set<float> corners;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto cut =
        augmented(R"([{"type": "RandomCrop", "size": [2, 4, 3]}])", counting_sample(extents), seed);
    CHECK(cut.volume.extents == Triple{2, 4, 3});
    CHECK(cut.labels.extents == Triple{2, 4, 3});
    const auto corner = static_cast<std::int64_t>(cut.volume.values[0]);
    corners.insert(cut.volume.values[0]);
    CHECK(comes_from(cut, extents, [&](const Triple& at) {
      return Triple{at[0] + corner / 20, at[1], at[2] + corner % 5};
    }));
  }
  CHECK(corners.size() == 2 * 1 * 3);
}

TEST_CASE("RandomCrop pads with the border, or with a value for the volume and one for labels") {
  const auto crop = [](const std::string& keys, std::uint64_t seed) {
    return augmented(
        R"([{"type": "RandomCrop", "size": [1, 1, 3], "padding": [0, 0, 2])" + keys + "}]",
        test::sample_of({1, 1, 3}, {5, 6, 7}, {1, 2, 3}), seed);
  };
  std::set<std::vector<float>> border, filled, labels;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    border.insert(crop("", seed).volume.values);
    const auto constant = crop(R"(, "fill": -1, "label_fill": -100)", seed);
    filled.insert(constant.volume.values);
    labels.insert(constant.labels.values);
    CHECK(crop("", seed).labels.values[0] == crop("", seed).volume.values[0] - 4);
  }
  CHECK(border ==
        std::set<std::vector<float>>{{5, 5, 5}, {5, 5, 6}, {5, 6, 7}, {6, 7, 7}, {7, 7, 7}});
  CHECK(filled ==
        std::set<std::vector<float>>{{-1, -1, 5}, {-1, 5, 6}, {5, 6, 7}, {6, 7, -1}, {7, -1, -1}});
  CHECK(labels == std::set<std::vector<float>>{
                      {-100, -100, 1}, {-100, 1, 2}, {1, 2, 3}, {2, 3, -100}, {3, -100, -100}});
}

TEST_CASE("labels beyond the edge are 0 where the volume is filled, else the border's") {
  const auto labels = [](const std::string& keys) {
    return augmented(R"([{"type": "RandomCrop", "size": [3, 3, 3], "padding": 1)" + keys + "}]",
                     test::sample_of({1, 1, 1}, {5}, {4}))
        .labels.values;
  };
  std::vector<float> zeros(27, 0.F);
  zeros[13] = 4;
  CHECK(labels("") == std::vector<float>(27, 4.F));
  CHECK(labels(R"(, "fill": 9)") == zeros);
  CHECK(labels(R"(, "fill": 9, "label_fill": "border")") == std::vector<float>(27, 4.F));
  CHECK(labels(R"(, "fill": "border", "label_fill": 0)") == zeros);
}

}  // namespace lucid
