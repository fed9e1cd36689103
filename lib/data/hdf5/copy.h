#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "data/hdf5/file.h"
#include "data/hdf5/write.h"

namespace lucid::hdf5 {

// Lists what copy_file() has not copied.
struct FileCopy {
  std::vector<std::string> datasets;  // created with their attributes, but not filled
  std::vector<std::string> left_out;  // attributes that refer to objects: "/raw: DIMENSION_LIST"
};

// Chooses how a dataset is stored in the copy; nullopt copies it as it is.
using NewStorage = std::function<std::optional<Storage>(const Array&)>;

// Copies all of a file: groups, links, datasets, types and the attributes of each. Calls
// `interrupt` for each link. Throws Error(kFailed) or Error(kData).
FileCopy copy_file(const File& from, const NewStorage& storage, const Interrupt& interrupt,
                   Writer& to);

// Returns whether the stored elements equal those that Array::read_stored() returns.
bool is_stored_as_read(const Array& array);

// Reads elements in the type in which they are stored, as Writer::write_as_stored() takes them.
std::size_t stored_element_bytes(const Array& array);
void read_unconverted(const Array& array, const Region& region, std::span<std::byte> out);

}  // namespace lucid::hdf5
