#pragma once
// Private to this room.

#include <span>
#include <vector>

#include "formats/dicom/dicom_image.h"

namespace lucid {

// Returns the pixels of an image in this machine's byte order, with all bits beside the stored ones
// cleared or those of the sign. Throws Error(kData).
std::vector<std::byte> read_frame(const DicomImage& image);

// Decodes the fragments of a compressed frame to `out`, through GDCM. Throws Error(kData) for
// damage and for a syntax that is not known, Error(kUsage) without the module of GDCM.
void decode_frame(const DicomImage& image, const std::vector<std::vector<char>>& fragments,
                  std::span<std::byte> out);

}  // namespace lucid
