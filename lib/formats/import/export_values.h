#pragma once
// Private to this room.

#include <functional>
#include <string>

#include "formats/import/planes.h"
#include "formats/readers/nifti.h"

namespace lucid {

// The type and the scaling in which the numbers of a dataset are exported.
struct ExportValues {
  ElementType type = ElementType::kUint8;
  NiftiScaling scaling;
  std::string warning;  // if other programs may not read the type; without its place
};

// Takes the scaling from the attributes `scale`, or `scale_factor` and `add_offset`. Integers of 64
// bits, which few programs read, become the smallest integers that hold all of them, for which they
// are read once. Throws Error(kData).
ExportValues export_values(const hdf5::File& file, const std::string& dataset, const Planes& planes,
                           const std::function<void(double share)>& progress);

}  // namespace lucid
