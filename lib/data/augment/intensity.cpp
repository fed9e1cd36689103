// RandomNoise and RandomCutout add to values, or replace them.
#include <algorithm>

#include "base/text.h"
#include "data/augment/channel_choice.h"
#include "data/augment/noise.h"
#include "data/augment/reader.h"
#include "data/augment/transform.h"

namespace lucid {
namespace {

class Intensity : public Transform {
 public:
  bool moves_voxels() const override { return false; }
};

class RandomNoise final : public Intensity {
 public:
  Range mean, std;
  ChannelChoice channels;

  void apply(AugmentedSample& sample, Rng& rng) const override {
    if (!channels.p) return add(rng, sample.volume.values);
    for (std::int64_t c = 0; c < sample.volume.channels; ++c)
      if (rng.uniform() < *channels.p) add(rng, sample.volume.channel(c));
  }

 private:
  void add(Rng& rng, std::span<float> values) const {
    const auto centre = static_cast<float>(mean.draw(rng));
    const auto deviation = static_cast<float>(std.draw(rng));
    add_normal(rng, centre, deviation, values);
  }
};

class RandomCutout final : public Intensity {
 public:
  std::int64_t holes = 0, max_holes = 0;
  Triple size{}, max_size{};
  float fill = 0;

  Triple check(const Triple& extents, ConfigErrors& errors) const override {
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (extents[axis] < max_size[axis]) {
        errors.add(pointer + (max_size == size ? "/size" : "/max_size"),
                   "expected at most the volume's " + extents_text(extents) + ", found " +
                       extents_text(max_size));
        break;
      }
    return extents;
  }
  void apply(AugmentedSample& sample, Rng& rng) const override {
    const std::int64_t count = holes + below(rng, max_holes - holes + 1);
    for (std::int64_t i = 0; i < count; ++i) {
      Triple box{}, origin{};
      for (std::size_t axis = 0; axis < 3; ++axis) {
        box[axis] = size[axis] + below(rng, max_size[axis] - size[axis] + 1);
        origin[axis] = below(rng, sample.volume.extents[axis] - box[axis] + 1);
      }
      cut(sample.volume, origin, box);
    }
  }

 private:
  static std::int64_t below(Rng& rng, std::int64_t bound) {
    return static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(bound)));
  }
  void cut(Grid& volume, const Triple& origin, const Triple& box) const {
    for (std::int64_t c = 0; c < volume.channels; ++c)
      for (std::int64_t d = origin[0]; d < origin[0] + box[0]; ++d)
        for (std::int64_t h = origin[1]; h < origin[1] + box[1]; ++h)
          std::fill_n(volume.channel(c).data() + (d * volume.extents[1] + h) * volume.extents[2] +
                          origin[2],
                      box[2], fill);
  }
};

}  // namespace

std::unique_ptr<Transform> make_random_noise(JsonObject& object) {
  auto noise = std::make_unique<RandomNoise>();
  TransformReader reader(object);
  noise->mean = reader.range("mean", {.low = -1e6, .high = 1e6}, {});
  noise->std =
      reader.range("std", {.number = RangeRule::Number::kUpTo, .low = 0, .high = 1e6}, {0, 0.25});
  noise->channels = reader.channels();
  noise->p = reader.p();
  return noise;
}

std::unique_ptr<Transform> make_random_cutout(JsonObject& object) {
  constexpr std::int64_t kMostHoles = 1 << 20, kLargest = 1 << 24;
  auto cutout = std::make_unique<RandomCutout>();
  cutout->holes = object.integer("holes", {0, kMostHoles}, 1);
  cutout->max_holes = object.integer("max_holes", {cutout->holes, kMostHoles}, cutout->holes);
  cutout->size = object.triple("size", {1, kLargest});
  cutout->max_size = object.triple("max_size", {1, kLargest}, cutout->size);
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (object.is_sound() && cutout->max_size[axis] < cutout->size[axis])
      object.error("max_size", "expected no less than size, found " +
                                   std::to_string(cutout->max_size[axis]) + " below " +
                                   std::to_string(cutout->size[axis]));
  cutout->fill = static_cast<float>(object.number("fill", {}, 0.0));
  cutout->p = TransformReader(object).p();
  return cutout;
}

}  // namespace lucid
