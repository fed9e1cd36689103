#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace lucid {

// A path into a Zarr store: the folder whose name ends in .zarr, and what follows it.
struct ZarrPath {
  std::filesystem::path store;  // "a/x.zarr"
  std::string inner;            // "labels/cells/0", or empty
};

// Returns nullopt for a path without such a folder.
std::optional<ZarrPath> zarr_path(const std::filesystem::path& path);

// True for a path that ends with the name of a store.
bool is_zarr_store(const std::filesystem::path& path);

// True for a path to or into a store that is there; a pattern such as *.zarr is none.
bool is_in_zarr_store(const std::filesystem::path& path);

// True for a path that lies in the folder it is relative to: "0", "labels/cells". Those of metadata
// have to.
bool is_path_inside(const std::string& path);

}  // namespace lucid
