#pragma once

#include <hdf5.h>

#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

namespace lucid::test {

struct Stored {
  std::vector<hsize_t> extents;
  std::vector<double> values;  // empty: 0, 1, 2, ...
  hid_t type = H5T_STD_U8LE;
  std::vector<hsize_t> chunk{};
  unsigned deflate = 0;
};

// Adds a dataset and the groups on its path to a file, which is created if necessary. It uses plain
// HDF5 calls, like a user's own tool.
inline void store(const std::filesystem::path& path, const std::string& dataset, Stored what) {
  const bool exists = std::filesystem::exists(path);
  const hid_t file = exists ? H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT)
                            : H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t links = H5Pcreate(H5P_LINK_CREATE), creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  if (!what.chunk.empty())
    H5Pset_chunk(creation, static_cast<int>(what.chunk.size()), what.chunk.data());
  if (what.deflate > 0) H5Pset_deflate(creation, what.deflate);
  const hid_t space = what.extents.empty() ? H5Screate(H5S_SCALAR)
                                           : H5Screate_simple(static_cast<int>(what.extents.size()),
                                                              what.extents.data(), nullptr);
  const hid_t array =
      H5Dcreate2(file, dataset.c_str(), what.type, space, links, creation, H5P_DEFAULT);
  if (what.values.empty()) {
    what.values.resize(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
    std::iota(what.values.begin(), what.values.end(), 0.0);
  }
  if (!what.values.empty())
    H5Dwrite(array, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, what.values.data());
  H5Dclose(array);
  H5Sclose(space);
  H5Pclose(creation);
  H5Pclose(links);
  H5Fclose(file);
}

// Removes every mention of the folder from the text.
inline std::string from_inside(const std::filesystem::path& folder, std::string text) {
  const std::string prefix = folder.string() + "/";
  for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
    text.erase(at, prefix.size());
  return text;
}

}  // namespace lucid::test
