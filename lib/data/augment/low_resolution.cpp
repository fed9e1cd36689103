// RandomLowResolution keeps the voxels of a coarser grid, and interpolates between them.
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "data/augment/channel_choice.h"
#include "data/augment/reader.h"
#include "data/augment/transform.h"
#include "data/resample/interpolate.h"

namespace lucid {
namespace {

using Taps = std::array<VoxelTaps, 3>;

Taps taps_of(const Triple& from, const Triple& to, SplineOrder order) {
  return {VoxelTaps(from[0], to[0], order), VoxelTaps(from[1], to[1], order),
          VoxelTaps(from[2], to[2], order)};
}

class RandomLowResolution final : public Transform {
 public:
  Range zoom;
  std::array<bool, 3> axes{};  // d, h, w
  ChannelChoice channels;

  bool moves_voxels() const override { return false; }
  void apply(AugmentedSample& sample, Rng& rng) const override {
    const Triple extents = sample.volume.extents;
    channels.apply(
        sample.volume, rng, [&](Rng& draws) { return coarse(extents, zoom.draw(draws)); },
        [&](std::span<float> values, const Triple& kept) {
          if (kept != extents) change(values, extents, kept, sample.volume.spare);
        });
  }

 private:
  Triple coarse(const Triple& extents, double share) const {
    Triple kept = extents;
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (axes[axis])
        kept[axis] =
            std::max<std::int64_t>(1, std::llround(share * static_cast<double>(extents[axis])));
    return kept;
  }

  // Splines overshoot: what is beyond the voxels' values is put back among them.
  static void change(std::span<float> values, const Triple& extents, const Triple& kept,
                     std::vector<float>& spare) {
    const Box whole{{0, 0, 0}, extents}, part{{0, 0, 0}, kept};
    spare.resize(static_cast<std::size_t>(part.voxels()));
    interpolate_values(taps_of(extents, kept, SplineOrder::kNearest), whole, values, part, spare);
    interpolate_values(taps_of(kept, extents, SplineOrder::kCubic), part, spare, whole, values);
    const auto [low, high] = std::ranges::minmax(spare);
    for (float& x : values) x = std::clamp(x, low, high);
  }
};

}  // namespace

std::unique_ptr<Transform> make_random_low_resolution(JsonObject& object) {
  auto transform = std::make_unique<RandomLowResolution>();
  TransformReader reader(object);
  transform->zoom = reader.range("zoom", {.centre = 1, .low = 0.01, .high = 1}, {0.5, 1});
  transform->axes = reader.axes();
  transform->channels = reader.channels();
  transform->p = reader.p();
  return transform;
}

}  // namespace lucid
