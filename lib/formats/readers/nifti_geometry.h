#pragma once
// Private to this room.

#include <string>
#include <vector>

#include "formats/readers/geometry.h"

namespace lucid {

// Returns the sform, else the qform, else the voxel sizes of a NIfTI header in this machine's byte
// order (nifti_1_header or nifti_2_header), in mm. What is not used is a warning. Throws
// Error(kData) if the unit is unknown.
template <class Header>
Geometry nifti_geometry(const Header& header, const std::string& place,
                        std::vector<std::string>& warnings);

}  // namespace lucid
