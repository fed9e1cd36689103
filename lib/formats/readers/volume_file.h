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

// Describes how a file stores elements, and the type `element` in which they are read.
struct NumberCoding {
  ElementType stored = ElementType::kUint8;
  bool is_swapped = false;          // opposite byte order to this machine's
  bool is_half = false;             // float16, where `stored` is uint16
  double slope = 1, intercept = 0;  // value = slope * stored + intercept

  bool is_scaled() const { return slope != 1 || intercept != 0; }
  ElementType element()
      const;  // float32 for float16; float32 if scaled, float64 if scaled and of 64 bits
};

// The header of a volume in any format.
struct VolumeHeader {
  NumberCoding coding;
  std::vector<std::int64_t> extents;  // slowest axis first
  std::string axes;                   // one letter per axis; empty if the file does not say
  std::optional<Geometry> geometry;
  bool fills_file = false;            // an error if the file holds more than the voxels
  std::vector<std::string> warnings;  // what the header says and is not used: "field: reason"
};

// A volume in a file that is not HDF5; its elements are read sequentially in storage order.
class VolumeFile {
 public:
  // Throws Error(kData) if the file cannot hold what the header says or the shape is invalid.
  VolumeFile(VolumeHeader header, std::unique_ptr<ByteStream> numbers, std::string place);

  const VolumeHeader& header() const { return header_; }
  const std::string& place() const { return place_; }
  ElementType element() const { return header_.coding.element(); }
  Shape shape() const { return Shape(header_.extents); }
  void set_axes(const std::string& axes) { header_.axes = axes; }  // if the file does not say
  // Reinterprets the same elements in another shape, such as (n, d, h, w) as (n, 1, d, h, w).
  void set_shape(const std::vector<std::int64_t>& extents, const std::string& axes);

  void read(std::span<std::byte> out);  // reads the next elements, in native byte order
  // After the last element: verifies checksums, if any. Returns a warning if the file holds more,
  // or an empty text.
  std::string finish();

 private:
  VolumeHeader header_;
  std::unique_ptr<ByteStream> numbers_;
  std::string place_;
  std::vector<std::byte> stored_;
  std::uint64_t bytes_read_ = 0;
};

// Turns stored elements, whose bytes are swapped in place, into those of numbers.element(). `out`
// is the same memory where that is the stored type.
void decode_numbers(const NumberCoding& numbers, std::span<std::byte> stored,
                    std::span<std::byte> out);

// Converts elements to another type; for integer types they have to be whole and in range.
void convert_elements(ElementType from, std::span<const std::byte> values, ElementType to,
                      std::span<std::byte> out);

}  // namespace lucid
