#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "data/hdf5/file.h"
#include "data/hdf5/write.h"

namespace lucid::hdf5 {

// What copy_file() has left to do.
struct FileCopy {
  std::vector<std::string> datasets;  // made with their attributes, but not filled
  std::vector<std::string> left_out;  // attributes that refer to objects: "/raw: DIMENSION_LIST"
};

// How a dataset is to be stored; empty where it is copied as it is.
using NewStorage = std::function<std::optional<Storage>(const Array&)>;

// Copies everything that a file holds: groups, links, datasets, types, and the attributes of all.
// Throws Error(kFailed) or Error(kData).
FileCopy copy_file(const File& from, const NewStorage& storage, Writer& to);

// Whether the stored numbers are what Array::read_stored() gives.
bool is_stored_as_read(const Array& array);

// Numbers in the type in which they are stored, as Writer::write_as_stored() takes them.
std::size_t stored_element_bytes(const Array& array);
void read_unconverted(const Array& array, const Region& region, std::span<std::byte> out);

}  // namespace lucid::hdf5
