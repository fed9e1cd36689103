#pragma once
// Private to this room.

#include <cstddef>
#include <vector>

#include "data/hdf5/handle.h"

namespace lucid::hdf5 {

// The bytes of a file in memory. Unlike those of H5Fget_file_image(), which resets flags below a
// checksum, they are whole once the file is closed.
class MemoryImage {
 public:
  // Holds so many bytes without growing, which takes twice the memory for a time.
  explicit MemoryImage(std::size_t expected_bytes) { bytes_.reserve(expected_bytes); }
  MemoryImage(const MemoryImage&) = delete;
  MemoryImage& operator=(const MemoryImage&) = delete;

  // Lets a file that is created with these properties lie here; it must not outlive the image.
  void hold(const Handle& access);
  std::vector<std::byte>& bytes() { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace lucid::hdf5
