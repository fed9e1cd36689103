#pragma once
// Private to this room.

#include <span>
#include <string>

#include "data/hdf5/file.h"

namespace lucid {

// Reads whole planes (h, w) of one sample in NIfTI's order, channel by channel, from any order of
// stored axes.
class Planes {
 public:
  // `axes` are plain letters, one for each axis; the array has to outlive the planes.
  Planes(const hdf5::Array& array, std::string axes, std::int64_t sample);

  ElementType element() const { return array_.element(); }
  std::int64_t channels() const { return channels_; }
  const std::vector<std::int64_t>& space() const { return space_; }  // d, h, w
  std::int64_t plane_elements() const { return space_[1] * space_[2]; }
  std::int64_t count() const { return channels_ * space_[0]; }

  void read(std::int64_t first, std::int64_t count, std::span<std::byte> out) const;

 private:
  void read_box(std::int64_t c, std::int64_t d, std::int64_t run, std::span<std::byte> out) const;

  const hdf5::Array& array_;
  std::string axes_;
  std::int64_t sample_, channels_ = 1;
  Shape shape_;
  std::vector<std::int64_t> space_;
};

}  // namespace lucid
