#include "formats/tiff/tiff_file.h"

namespace lucid {

std::uint64_t TiffPage::row_bytes() const {
  const auto samples = static_cast<std::uint64_t>(is_planar ? 1 : shape.samples);
  return static_cast<std::uint64_t>(shape.width) * samples * element_bytes(coding.stored);
}

std::int64_t TiffPage::rows() const { return shape.height * (is_planar ? shape.samples : 1); }

bool TiffPage::has_same_pixels(const TiffPage& other) const {
  return shape.width == other.shape.width && shape.height == other.shape.height &&
         shape.samples == other.shape.samples && coding.stored == other.coding.stored &&
         coding.is_half == other.coding.is_half && is_planar == other.is_planar;
}

std::string TiffPage::text() const {
  const std::string samples =
      shape.samples == 1 ? "" : " of " + std::to_string(shape.samples) + " samples";
  return std::to_string(shape.width) + " x " + std::to_string(shape.height) + " pixels" + samples +
         " of " + (coding.is_half ? "float16" : element_name(coding.stored));
}

}  // namespace lucid
