#pragma once
// Private to this room.

#include <filesystem>
#include <string>
#include <vector>

#include "data/hdf5/handle.h"

namespace lucid::hdf5 {

// Opens the other files that a virtual dataset is made of, each once. HDF5 returns fill values
// where it cannot open one, so they have to stay open as long as the dataset is read. Throws
// Error(kData) if reading would crash, not end, or return fill values for missing data: a filter
// that cannot be loaded, a missing or short external file, a missing virtual source, or a virtual
// dataset that refers to itself, directly or through others.
std::vector<Handle> open_sources(const Handle& file, const std::string& name,
                                 const std::filesystem::path& path);

// Throws Error(kData) unless a file can be opened: HDF5 opens each source once more to find that it
// is open.
void check_free_descriptor(const std::string& place);

}  // namespace lucid::hdf5
