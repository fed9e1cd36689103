#pragma once
// Private to this room.

#include <span>
#include <string>

#include "formats/dicom/dicom_image.h"

namespace lucid {

// Compares the size that a JPEG, JPEG-LS or JPEG 2000 stream states with that of the image, so that
// no codec allocates another one. Other streams state none. Throws Error(kData).
void check_codestream(std::span<const char> stream, const DicomPixels& pixels,
                      const std::string& place);

}  // namespace lucid
