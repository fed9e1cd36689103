#pragma once
// Private to this room.

#include <array>
#include <memory>
#include <string>

#include "base/json.h"
#include "base/rng.h"
#include "data/augment/sample.h"

namespace lucid {

// One entry of data.augmentation. It draws everything random from the given generator, so that a
// sample depends on that alone.
class Transform {
 public:
  virtual ~Transform() = default;
  virtual bool moves_voxels() const = 0;  // of the volume and of the labels
  virtual bool crops() const { return false; }
  // The axes d, h, w along which a sample may become its mirror image; turns are none.
  virtual std::array<bool, 3> mirrored() const { return {}; }
  virtual const Padding* padding() const { return nullptr; }
  // Returns the extents after the transform; reports what does not fit.
  virtual Triple check(const Triple& extents, ConfigErrors&) const { return extents; }
  // No resampling is pending here unless takes_resampling().
  virtual void apply(AugmentedSample&, Rng&) const = 0;
  virtual bool takes_resampling() const { return false; }

  double p = 1;         // probability of applying it
  std::string pointer;  // JSON pointer to its object in the experiment file
};

// Each function reads the keys of its transform, including "p".
std::unique_ptr<Transform> make_random_flip(JsonObject&);
std::unique_ptr<Transform> make_random_rotate90(JsonObject&);
std::unique_ptr<Transform> make_random_crop(JsonObject&);
std::unique_ptr<Transform> make_random_affine(JsonObject&);
std::unique_ptr<Transform> make_random_elastic_deformation(JsonObject&);
std::unique_ptr<Transform> make_random_noise(JsonObject&);
std::unique_ptr<Transform> make_random_blur(JsonObject&);
std::unique_ptr<Transform> make_random_low_resolution(JsonObject&);
std::unique_ptr<Transform> make_random_brightness(JsonObject&);
std::unique_ptr<Transform> make_random_brightness_contrast(JsonObject&);
std::unique_ptr<Transform> make_random_gamma(JsonObject&);
std::unique_ptr<Transform> make_random_cutout(JsonObject&);

}  // namespace lucid
