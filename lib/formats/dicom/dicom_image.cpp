#include "formats/dicom/dicom_image.h"

#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "formats/dicom/mosaic.h"
#include "formats/headers/words.h"

namespace lucid {
namespace {

using enum DicomTag;

// Directions are decimal text of six digits or more.
constexpr double kSameDirection = 1e-3;

std::optional<DicomPlace> place_of(const DicomElements& elements) {
  const std::vector<double> position = elements.numbers(kPosition, 3);
  const std::vector<double> directions = elements.numbers(kOrientation, 6);
  if (position.empty() || directions.empty()) return std::nullopt;
  DicomPlace place;
  std::copy_n(position.begin(), 3, place.position.begin());
  std::copy_n(directions.begin(), 3, place.along_row.begin());
  std::copy_n(directions.begin() + 3, 3, place.along_column.begin());
  const bool are_units = std::abs(dot(place.along_row, place.along_row) - 1) < kSameDirection &&
                         std::abs(dot(place.along_column, place.along_column) - 1) < kSameDirection;
  if (!are_units || std::abs(dot(place.along_row, place.along_column)) > kSameDirection)
    fail(elements.place,
         "ImageOrientationPatient: expected two directions at right angles, found " +
             in_quotes(elements.text(kOrientation)));
  return place;
}

DicomPixels pixels_of(const DicomElements& elements) {
  DicomPixels pixels;
  pixels.rows = elements.integer(kRows, 0);
  pixels.columns = elements.integer(kColumns, 0);
  pixels.samples = elements.integer(kSamples, 1);
  pixels.is_planar = pixels.samples > 1 && elements.integer(kPlanar, 0) == 1;
  pixels.bits_allocated = elements.integer(kBitsAllocated, 0);
  pixels.bits_stored = elements.integer(kBitsStored, pixels.bits_allocated);
  pixels.high_bit = elements.integer(kHighBit, pixels.bits_stored - 1);
  pixels.is_signed = elements.integer(kIsSigned, 0) == 1;
  const auto refuse = [&](const std::string& message) { fail(elements.place, message); };
  if (pixels.rows < 1 || pixels.columns < 1)
    refuse("Rows, Columns: expected at least 1, found " + std::to_string(pixels.rows) + " and " +
           std::to_string(pixels.columns));
  const int bits = pixels.bits_allocated;
  if (bits != 8 && bits != 16 && bits != 32)
    refuse("BitsAllocated: expected 8, 16 or 32, found " + std::to_string(bits));
  if (pixels.bits_stored < 1 || pixels.high_bit >= bits || pixels.high_bit + 1 < pixels.bits_stored)
    refuse("BitsStored, HighBit: expected bits among the " + std::to_string(bits) +
           " of a pixel, found " + std::to_string(pixels.bits_stored) + " and " +
           std::to_string(pixels.high_bit));
  const std::string colours = elements.text(kPhotometric);
  const bool is_grey = colours.starts_with("MONOCHROME") && pixels.samples == 1;
  if (!is_grey && !(colours == "RGB" && pixels.samples == 3))
    refuse("PhotometricInterpretation: expected MONOCHROME1, MONOCHROME2 or RGB, found " +
           in_quotes(colours) + " of " + std::to_string(pixels.samples) + " samples");
  return pixels;
}

void check_is_slice(const DicomElements& elements) {
  const std::string frames = elements.text(kFrames);
  if (frames.empty() || frames == "1") return;
  fail(elements.place, "NumberOfFrames: expected one image a file, found " + frames +
                           "; dcm2niix converts it to NIfTI");
}

}  // namespace

double dot(const Vector3& a, const Vector3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

Vector3 DicomPlace::normal() const {
  const Vector3 &a = along_row, &b = along_column;
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

ElementType DicomPixels::element() const {
  using enum ElementType;
  if (bits_allocated == 8) return is_signed ? kInt8 : kUint8;
  if (bits_allocated == 16) return is_signed ? kInt16 : kUint16;
  return is_signed ? kInt32 : kUint32;
}

std::size_t DicomPixels::frame_bytes() const {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) *
         static_cast<std::size_t>(samples) * element_bytes(element());
}

std::string DicomPixels::text() const {
  return std::to_string(columns) + " x " + std::to_string(rows) + " pixels" +
         (samples == 1 ? "" : " of " + std::to_string(samples) + " samples") + " of " +
         element_name(element());
}

DicomImage dicom_image(const std::filesystem::path& path, const DicomElements& elements) {
  check_is_slice(elements);
  DicomImage image;
  image.path = path;
  image.syntax = elements.syntax;
  image.pixels = pixels_of(elements);
  image.place = place_of(elements);
  image.pixels_at = elements.pixels_at;
  image.pixels_bytes = elements.pixels_bytes;
  if (!image.syntax.is_encapsulated && image.pixels.frame_bytes() > image.pixels_bytes)
    fail(elements.place, "PixelData: expected " + image.pixels.text() + ", found " +
                             with_thousands(static_cast<std::int64_t>(image.pixels_bytes)) +
                             " bytes");
  if (const auto spacing = elements.numbers(kPixelSpacing, 2); !spacing.empty())
    image.spacing = {spacing[0], spacing[1]};
  if (image.spacing != std::array<double, 2>{0, 0} &&
      !(image.spacing[0] > 0 && image.spacing[1] > 0))
    fail(elements.place, "PixelSpacing: expected numbers above 0, found " +
                             in_quotes(elements.text(kPixelSpacing)));
  for (const DicomTag tag : {kSliceThickness, kSpacingBetweenSlices})
    if (const auto found = elements.numbers(tag, 1); !found.empty() && found[0] > 0)
      image.thickness = found[0];
  if (const auto slope = elements.numbers(kSlope, 1); !slope.empty()) image.slope = slope[0];
  if (const auto offset = elements.numbers(kIntercept, 1); !offset.empty())
    image.intercept = offset[0];
  image.number = number_of<int>(elements.text(kInstanceNumber)).value_or(0);
  const bool is_mosaic = elements.text(kImageType).find("MOSAIC") != std::string::npos;
  if (is_mosaic) image.mosaic = mosaic_of(elements, image.pixels);
  if (is_mosaic && image.place) place_mosaic(image);
  return image;
}

}  // namespace lucid
