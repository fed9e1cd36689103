#pragma once

#include <filesystem>
#include <string>

#include "data/hdf5/handle.h"

namespace lucid::hdf5 {

std::string without_slashes(const std::string& path);  // turns "/a/b/" into "a/b"

// Opens a file for reading. Throws Error(kData) with HDF5's reason.
Handle open_file(const std::filesystem::path& path);

// Call it after HDF5 has not found an object or an attribute of one: throws Error(kData) if the
// file system failed to read, so that it may well be there.
void check_failure(const Handle& file, const std::string& object);

// Opens a dataset; external files and virtual sources are searched next to the file. Throws
// Error(kData).
Handle open_dataset(const Handle& file, const std::string& name, const std::string& place);
Handle open_group(const Handle& file, const std::string& name, const std::string& place);

enum class ObjectKind { kMissing, kGroup, kDataset, kOther };

struct Object {
  ObjectKind kind = ObjectKind::kMissing;
  // Identifies the object among all open files, whatever path leads to it.
  std::string identity;
};

// Follows links and opens nothing: HDF5 refuses to open a dataset twice with different prefixes.
Object find_object(const Handle& file, const std::string& path);

// Throws Error(kData) if reading would crash or return fill values for missing data: a filter that
// cannot be loaded, a missing or short external file, a missing virtual source, or a virtual
// dataset that refers to itself, directly or through others.
void check_sources(const Handle& file, const std::string& name, const std::filesystem::path& path);

}  // namespace lucid::hdf5
