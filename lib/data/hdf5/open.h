#pragma once

#include <filesystem>
#include <string>

#include "data/hdf5/handle.h"

namespace lucid::hdf5 {

std::string without_slashes(const std::string& path);  // "/a/b/" -> "a/b"

// For reading. Throws Error(kData) with HDF5's reason.
Handle open_file(const std::filesystem::path& path);

// External files and virtual sources are looked for beside the file. Throws Error(kData).
Handle open_dataset(const Handle& file, const std::string& name, const std::string& place);
Handle open_group(const Handle& file, const std::string& name, const std::string& place);

enum class ObjectKind { kMissing, kGroup, kDataset, kOther };

struct Object {
  ObjectKind kind = ObjectKind::kMissing;
  std::string identity;  // tells it from all others of the open files, by whatever path
};

// Follows links and opens nothing: HDF5 refuses to open a dataset twice with different prefixes.
Object find_object(const Handle& file, const std::string& path);

// Throws Error(kData) where reading would crash or give fill values for data that is not there: a
// filter that cannot be loaded, a missing or short external file, a missing virtual source, a
// virtual dataset that is made of itself, directly or through others.
void check_sources(const Handle& file, const std::string& name, const std::filesystem::path& path);

}  // namespace lucid::hdf5
