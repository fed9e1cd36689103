#pragma once
// Private to this room.

#include <span>
#include <vector>

#include "formats/dicom/dicom_image.h"

namespace lucid {

// Returns what a mosaic says of its slices, from the header that Siemens' scanners add. Throws
// Error(kData) if there is none, or if the image does not hold so many tiles.
DicomMosaic mosaic_of(const DicomElements& elements, const DicomPixels& pixels);

// Returns the tiles of a mosaic as slices, one after another.
std::vector<std::byte> slices_of_mosaic(const DicomImage& image, std::span<const std::byte> frame);

// Moves the place of a mosaic, which is that of a slice as large as all tiles, to the first pixel
// of its first slice.
void place_mosaic(DicomImage& image);

}  // namespace lucid
