#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "formats/readers/volume_file.h"

namespace lucid {

// An array that is sound but holds no real numbers, or none at all.
struct UnsupportedArray : Error {
  UnsupportedArray(const std::string& place, const std::string& message)
      : Error(ExitCode::kData, place + ": " + message) {}
};

// Opens .npy. An array in Fortran order is read whole and transposed. Throws UnsupportedArray.
VolumeFile open_npy(const std::filesystem::path& path);

class ZipArchive;

// An archive of arrays (.npz), opened once. One thread at a time.
class Npz {
 public:
  // Throws Error(kData) if there is no array in it.
  explicit Npz(const std::filesystem::path& path);
  ~Npz();
  Npz(const Npz&) = delete;
  Npz& operator=(const Npz&) = delete;

  const std::vector<std::string>& arrays() const { return arrays_; }  // sorted, without ".npy"
  const std::vector<std::string>& others() const { return others_; }  // files that are no arrays
  VolumeFile open(const std::string& array) const;                    // throws UnsupportedArray

 private:
  std::unique_ptr<ZipArchive> archive_;
  std::vector<std::string> arrays_, others_;
};

// The same for a single array.
std::vector<std::string> npz_arrays(const std::filesystem::path& path);
VolumeFile open_npz(const std::filesystem::path& path, const std::string& array);

}  // namespace lucid
