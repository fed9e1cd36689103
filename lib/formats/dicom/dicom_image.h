#pragma once
// Private to this room.

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/array/elements.h"
#include "formats/dicom/dicom_elements.h"

namespace lucid {

using Vector3 = std::array<double, 3>;

// Where an image lies in the patient, in DICOM's space: towards left, posterior and superior.
struct DicomPlace {
  Vector3 position{};                   // of the first pixel, mm
  Vector3 along_row{}, along_column{};  // unit vectors, as w and h grow
  Vector3 normal() const;
};

// How the pixels of an image are stored; equal in all images of a volume.
struct DicomPixels {
  int rows = 0, columns = 0, samples = 1;
  bool is_planar = false;  // the samples of a pixel are planes of their own
  int bits_allocated = 8, bits_stored = 8, high_bit = 7;
  bool is_signed = false;

  bool operator==(const DicomPixels&) const = default;
  ElementType element() const;
  std::size_t frame_bytes() const;
  std::string text() const;  // "2 x 3 pixels of uint16"
};

// Several slices beside each other in one image, row by row, as Siemens' scanners store a volume of
// a time series.
struct DicomMosaic {
  int slices = 1, across = 1;  // as many tiles lie beside each other as one above another
  Vector3 normal{};            // the direction from one slice to the next
};

// One file with one image.
struct DicomImage {
  std::filesystem::path path;
  DicomSyntax syntax;
  DicomPixels pixels;
  std::optional<DicomPlace> place;
  std::array<double, 2> spacing{0, 0};  // mm between rows, between columns; 0: not said
  double thickness = 0;                 // mm between slices, as the file says; 0: not said
  double slope = 1, intercept = 0;
  int number = 0;  // of the image in its series
  std::optional<DicomMosaic> mosaic;
  std::uint64_t pixels_at = 0, pixels_bytes = 0;
};

// Returns the image that the elements describe. Throws Error(kData) for what is missing, wrong or
// not read: several frames, colours other than RGB.
DicomImage dicom_image(const std::filesystem::path& path, const DicomElements& elements);

double dot(const Vector3& a, const Vector3& b);

}  // namespace lucid
