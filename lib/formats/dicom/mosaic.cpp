#include "formats/dicom/mosaic.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "formats/dicom/csa_header.h"
#include "formats/headers/words.h"

namespace lucid {
namespace {

struct Tile {
  int rows, columns;
};

Tile tile_of(const DicomImage& image) {
  return {image.pixels.rows / image.mosaic->across, image.pixels.columns / image.mosaic->across};
}

}  // namespace

DicomMosaic mosaic_of(const DicomElements& elements, const DicomPixels& pixels) {
  const auto refuse = [&](const std::string& message) {
    fail(elements.place, "ImageType: a mosaic of slices, whose CSA image header " + message +
                             "; dcm2niix converts it to NIfTI");
  };
  const auto found = elements.values.find(DicomTag::kSiemensHeader);
  if (found == elements.values.end()) refuse("is missing");
  const std::vector<std::string> count = csa_values(found->second, "NumberOfImagesInMosaic");
  const std::vector<std::string> normal = csa_values(found->second, "SliceNormalVector");
  const auto slices = number_of<int>(count.empty() ? "" : count.front());
  if (!slices || *slices < 1 || normal.size() < 3) refuse("does not name its slices");
  DicomMosaic mosaic{*slices, 1, {}};
  while (mosaic.across * mosaic.across < mosaic.slices && mosaic.across < pixels.rows)
    ++mosaic.across;
  if (pixels.rows % mosaic.across != 0 || pixels.columns % mosaic.across != 0 ||
      mosaic.across * mosaic.across < mosaic.slices || pixels.samples != 1)
    refuse("names " + std::to_string(*slices) + " slices, which " + pixels.text() + " do not hold");
  for (std::size_t i = 0; i < 3; ++i) {
    const auto side = number_of<double>(normal[i]);
    if (!side) refuse("has no direction of its slices");
    mosaic.normal[i] = *side;
  }
  return mosaic;
}

std::vector<std::byte> slices_of_mosaic(const DicomImage& image, std::span<const std::byte> frame) {
  const Tile tile = tile_of(image);
  const std::size_t size = element_bytes(image.pixels.element());
  const std::size_t row = static_cast<std::size_t>(tile.columns) * size;
  const auto across = static_cast<std::size_t>(image.mosaic->across);
  const auto rows = static_cast<std::size_t>(tile.rows);
  const auto slices = static_cast<std::size_t>(image.mosaic->slices);
  std::vector<std::byte> volume(slices * rows * row);
  for (std::size_t slice = 0, to = 0; slice < slices; ++slice)
    for (std::size_t y = 0; y < rows; ++y, to += row) {
      const std::size_t line = slice / across * rows + y;
      std::copy_n(&frame[(line * across + slice % across) * row], row, &volume[to]);
    }
  return volume;
}

void place_mosaic(DicomImage& image) {
  const Tile tile = tile_of(image);
  const double down = (image.pixels.rows - tile.rows) / 2.0 * image.spacing[0];
  const double right = (image.pixels.columns - tile.columns) / 2.0 * image.spacing[1];
  for (std::size_t side = 0; side < 3; ++side)
    image.place->position[side] +=
        right * image.place->along_row[side] + down * image.place->along_column[side];
}

}  // namespace lucid
