#pragma once
// Private to this room.

#include <functional>
#include <vector>

#include "data/patch/volumes.h"
#include "planning/fingerprint/fingerprint.h"

namespace lucid {

// Measures the components of the classes 1 .. classes - 1, volume by volume. Calls done(count)
// after each volume.
std::vector<ClassComponents> measure_components(const PatchVolumes& volumes, std::int64_t classes,
                                                const std::function<void(std::size_t)>& done);

}  // namespace lucid
