#pragma once
// Private to this room.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/hdf5/file.h"

namespace lucid {

// Reads a dataset that is stored as one run of elements of its own type, without the library.
class DirectRead {
 public:
  // Returns nullopt if the dataset is stored in another way.
  static std::optional<DirectRead> of(const hdf5::Array& array);

  // Returns the bytes read from the file. Throws Error(kData).
  std::size_t read(const hdf5::Region& region, std::span<std::byte> out) const;

 private:
  DirectRead(const hdf5::Array& array, int descriptor, std::uint64_t offset);
  std::size_t read_parts(const hdf5::Region& region, std::span<std::byte> out) const;
  void read_at(std::size_t byte, std::span<std::byte> out) const;

  std::string place_;
  int descriptor_;  // owned by HDF5, open as long as the array
  std::uint64_t offset_;
  std::vector<std::int64_t> extents_;
  std::vector<std::size_t> strides_;  // in bytes
  std::size_t element_bytes_;
};

}  // namespace lucid
