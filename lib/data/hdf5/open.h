#pragma once

#include <filesystem>
#include <string>

#include "data/hdf5/handle.h"

namespace lucid::hdf5 {

std::string without_slashes(const std::string& path);  // turns "/a/b/" into "a/b"

// Opens a file for reading. Throws Error(kData) with HDF5's reason.
Handle open_file(const std::filesystem::path& path);
// Opens a file as HDF5 does for a virtual dataset of another one.
Handle open_source(const std::filesystem::path& path, const Handle& file);

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
  std::string address;  // within its file
  // Identifies the object among all open files, whatever path leads to it.
  std::string identity;
};

// Follows links and opens nothing: HDF5 refuses to open a dataset twice with different prefixes.
Object find_object(const Handle& file, const std::string& path);

bool link_exists(const Handle& file, const std::string& path);

}  // namespace lucid::hdf5
