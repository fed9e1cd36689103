#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/array/elements.h"
#include "data/hdf5/handle.h"

namespace lucid::hdf5 {

std::int64_t native_type(ElementType type);  // HDF5's identifier; do not close it

// Returns the type in memory of a stored type: the next larger integer, float32 or float64. Returns
// nullopt for strings, compounds and the like. An enum, as h5py stores booleans, counts as
// integers.
std::optional<ElementType> element_for(const Handle& type);

// Describes how stored elements differ from those in memory.
enum class StoredForm { kSame, kOtherByteOrder, kOther };
StoredForm stored_form(const Handle& type, ElementType element);

// Returns the dataspace of an array of these extents, or of a scalar if there are none.
Handle space_of(const std::vector<std::int64_t>& extents);

std::string attribute_name(const Handle& attribute);
// Returns the bytes of its value. Throws Error(kData) if they are more than the file holds.
std::size_t attribute_bytes(const Handle& attribute, const std::string& place);
std::string type_text(const Handle& type);        // "uint8", "float32 big-endian", "compound"
std::string storage_text(const Handle& dataset);  // "contiguous", "chunks 1x28x28, deflate 4"

}  // namespace lucid::hdf5
