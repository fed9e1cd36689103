#include "base/error.h"
#include "formats/dicom/dicom_frame.h"
#include "formats/headers/libraries.h"

// Takes the place of dicom_gdcm.cpp where GDCM was not found when lucid was built.
namespace lucid {

void decode_frame(const DicomImage& image, const std::vector<std::vector<char>>&,
                  std::span<std::byte>) {
  fail_without_library(image.path.string() + ": its pixels are compressed", "libgdcm");
}

}  // namespace lucid
