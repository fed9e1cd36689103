#pragma once

#include <memory>
#include <string>

#include "base/json.h"
#include "base/rng.h"
#include "data/augment/sample.h"

namespace lucid {

// One entry of data.augmentation. Draws all that is random from the generator it is given, so that
// a sample is a function of that alone.
class Transform {
 public:
  virtual ~Transform() = default;
  virtual bool moves_voxels() const = 0;  // and the labels with them
  virtual bool crops() const { return false; }
  virtual const Padding* padding() const { return nullptr; }
  // The extents of what it makes of a volume; reports what does not fit.
  virtual Triple check(const Triple& extents, ConfigErrors&) const { return extents; }
  // A resampling is pending only where takes_resampling() says so.
  virtual void apply(AugmentedSample&, Rng&) const = 0;
  virtual bool takes_resampling() const { return false; }

  double p = 1;         // how often it is applied
  std::string pointer;  // to its object in the experiment file
};

// Each reads its keys, "p" among them.
std::unique_ptr<Transform> make_random_flip(JsonObject&);
std::unique_ptr<Transform> make_random_rotate90(JsonObject&);
std::unique_ptr<Transform> make_random_crop(JsonObject&);
std::unique_ptr<Transform> make_random_affine(JsonObject&);
std::unique_ptr<Transform> make_random_elastic_deformation(JsonObject&);
std::unique_ptr<Transform> make_random_noise(JsonObject&);
std::unique_ptr<Transform> make_random_blur(JsonObject&);
std::unique_ptr<Transform> make_random_brightness_contrast(JsonObject&);
std::unique_ptr<Transform> make_random_gamma(JsonObject&);
std::unique_ptr<Transform> make_random_cutout(JsonObject&);

}  // namespace lucid
