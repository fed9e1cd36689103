#pragma once
// Private to this room.

#include <optional>
#include <string>
#include <vector>

#include "formats/dicom/dicom_image.h"
#include "formats/readers/geometry.h"

namespace lucid {

// The images of a volume in their order, and where they lie: slices, or mosaics, of which each is a
// channel of its own.
struct DicomStack {
  std::vector<DicomImage> images;
  std::optional<Geometry> geometry;
};

// Sorts slices along their normal, and mosaics by their numbers. Throws Error(kData) that names
// those that differ in size, type, direction or the size of pixels, lie in one place, or are not
// evenly spaced.
DicomStack stacked(std::vector<DicomImage> images);

}  // namespace lucid
