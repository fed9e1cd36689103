#pragma once

#include <memory>

#include "base/json.h"
#include "data/volumes/dataset.h"

namespace lucid {

// The set's samples, and targets that are voxels, cut to `size` around their middle; where sizes
// differ by an odd number, one voxel more is cut from the high side. `size` is not larger than the
// samples.
std::unique_ptr<Dataset> centre_cropped(std::unique_ptr<Dataset> set, const Triple& size);

}  // namespace lucid
