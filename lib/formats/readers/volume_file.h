#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/array/elements.h"
#include "formats/readers/byte_stream.h"
#include "formats/readers/geometry.h"

namespace lucid {

// How a file stores its numbers. They are read as `element`, of which there are as many.
struct NumberCoding {
  ElementType stored = ElementType::kUint8;
  bool is_swapped = false;          // not this machine's byte order
  bool is_half = false;             // float16, where `stored` is uint16
  double slope = 1, intercept = 0;  // number = slope * stored + intercept

  bool is_scaled() const { return slope != 1 || intercept != 0; }
  ElementType element() const;  // float32 of halves; where scaled float32, of 64 bits float64
};

// What a file says of its volume before its numbers.
struct VolumeHeader {
  NumberCoding coding;
  std::vector<std::int64_t> extents;  // outermost first
  std::string axes;                   // a letter each; empty where the file does not say
  std::optional<Geometry> geometry;
};

// A volume in a file that is no HDF5, its numbers read front to back, as they are stored.
class VolumeFile {
 public:
  // Throws Error(kData) where the file cannot hold what the header says, or the header says what is
  // no shape.
  VolumeFile(VolumeHeader header, std::unique_ptr<ByteStream> numbers, std::string place);

  const VolumeHeader& header() const { return header_; }
  const std::string& place() const { return place_; }
  ElementType element() const { return header_.coding.element(); }
  Shape shape() const { return Shape(header_.extents); }
  void set_axes(const std::string& axes) { header_.axes = axes; }  // where the file says none
  // The same elements under another shape, as (n, d, h, w) are (n, 1, d, h, w).
  void set_shape(const std::vector<std::int64_t>& extents, const std::string& axes);

  void read(std::span<std::byte> out);  // the next elements, in this machine's byte order
  void finish();                        // after the last: compares checksums where there are some

 private:
  VolumeHeader header_;
  std::unique_ptr<ByteStream> numbers_;
  std::string place_;
  std::vector<std::byte> stored_;
};

// Numbers of one type as another; to integers they have to be whole and in range.
void convert_elements(ElementType from, std::span<const std::byte> values, ElementType to,
                      std::span<std::byte> out);

}  // namespace lucid
