#pragma once

#include <memory>

#include "base/json.h"
#include "data/volumes/dataset.h"

namespace lucid {

// Crops samples, and targets that are voxels, to `size` around their centre. If the sizes differ by
// an odd number, one voxel more is cut from the high side. `size` may not exceed the samples.
std::unique_ptr<Dataset> centre_cropped(std::unique_ptr<Dataset> set, const Triple& size);

}  // namespace lucid
