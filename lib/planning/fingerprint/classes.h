#pragma once
// Private to this room.

#include <functional>
#include <vector>

#include "data/patch/volumes.h"
#include "planning/fingerprint/fingerprint.h"

namespace lucid {

struct MeasuredClasses {
  std::vector<ClassComponents> components{};  // of each class above 0
  std::array<double, 3> order{};              // Fingerprint::class_order
  double share_variation = 0;                 // Fingerprint::share_variation
};

// Measures the classes 1 .. classes - 1, volume by volume. Calls done(count) after each volume.
MeasuredClasses measure_classes(const PatchVolumes& volumes, std::int64_t classes,
                                const std::function<void(std::size_t)>& done);

}  // namespace lucid
