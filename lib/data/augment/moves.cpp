// RandomFlip, RandomRotate90 and RandomCrop move voxels and keep their values.
#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "data/augment/reader.h"
#include "data/augment/transform.h"

namespace lucid {
namespace {

constexpr std::string_view kAxes = "dhw";

class Move : public Transform {
 public:
  bool moves_voxels() const override { return true; }
};

class RandomFlip final : public Move {
 public:
  std::vector<std::size_t> axes;
  double p_of_axis = 0;

  std::array<bool, 3> mirrored() const override {
    std::array<bool, 3> result{};
    for (const std::size_t axis : axes) result[axis] = p_of_axis > 0;
    return result;
  }
  void apply(AugmentedSample& sample, Rng& rng) const override {
    for (const std::size_t axis : axes) {
      if (rng.uniform() >= p_of_axis) continue;
      flip(sample.volume, axis);
      if (sample.labels.channels > 0) flip(sample.labels, axis);
    }
  }
};

class RandomRotate90 final : public Move {
 public:
  std::vector<std::array<std::size_t, 2>> planes;

  Triple check(const Triple& extents, ConfigErrors& errors) const override {
    for (const auto [a, b] : planes)
      if (extents[a] != extents[b])
        errors.add(pointer + "/planes", "expected planes whose axes are of equal size, found '" +
                                            std::string{kAxes[a], kAxes[b]} + "' of a volume of " +
                                            extents_text(extents) + "; leave it out or crop first");
    return extents;
  }
  void apply(AugmentedSample& sample, Rng& rng) const override {
    for (const auto [a, b] : planes) {
      const auto turns = static_cast<int>(rng.below(4));
      rotate90(sample.volume, a, b, turns);
      rotate90(sample.labels, a, b, turns);
    }
  }
};

class RandomCrop final : public Move {
 public:
  Triple size{}, margin{};
  Padding beyond;

  bool crops() const override { return true; }
  const Padding* padding() const override { return &beyond; }
  bool takes_resampling() const override { return margin == Triple{}; }
  Triple check(const Triple& extents, ConfigErrors& errors) const override {
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (extents[axis] + 2 * margin[axis] < size[axis]) {
        errors.add(pointer + "/size", "expected at most the volume's " + extents_text(extents) +
                                          (margin == Triple{} ? "" : " with the padding") +
                                          ", found " + extents_text(size) +
                                          "; a larger padding makes room");
        break;
      }
    return size;
  }
  void apply(AugmentedSample& sample, Rng& rng) const override {
    Triple origin{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::int64_t room = sample.volume.extents[axis] + 2 * margin[axis] - size[axis];
      origin[axis] =
          static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(room + 1))) - margin[axis];
    }
    if (sample.resampling.is_pending()) return sample.resampling.crop(origin, size);
    crop(sample.volume, origin, size, beyond.volume);
    crop(sample.labels, origin, size, beyond.labels);
  }
};

}  // namespace

std::unique_ptr<Transform> make_random_flip(JsonObject& object) {
  auto flip = std::make_unique<RandomFlip>();
  const std::string letters = object.string("axes", std::string(kAxes));
  flip->axes = axes_named(letters);
  if (flip->axes.empty())
    object.error("axes", "expected different letters of d, h, w, found " + in_quotes(letters));
  flip->p_of_axis = object.number("p", {.low = 0, .high = 1}, 0.5);
  return flip;
}

std::unique_ptr<Transform> make_random_rotate90(JsonObject& object) {
  auto rotate = std::make_unique<RandomRotate90>();
  std::vector<std::string> planes = object.strings("planes", false);
  if (planes.empty()) planes = {"hw"};
  for (const std::string& plane : planes) {
    const std::vector<std::size_t> axes = axes_named(plane);
    if (axes.size() == 2)
      rotate->planes.push_back({axes[0], axes[1]});
    else
      object.error("planes", "expected two different letters of d, h, w for each plane, found " +
                                 in_quotes(plane));
  }
  rotate->p = TransformReader(object).p();
  return rotate;
}

std::unique_ptr<Transform> make_random_crop(JsonObject& object) {
  auto crop = std::make_unique<RandomCrop>();
  crop->size = object.triple("size", {1, 1 << 24});
  crop->margin = object.triple("padding", {0, 1 << 20}, Triple{0, 0, 0});
  crop->beyond = TransformReader(object).padding();
  return crop;
}

}  // namespace lucid
