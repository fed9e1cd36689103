#pragma once

#include <doctest/doctest.h>

#include "formats/import/import.h"
#include "formats/readers/made_files.h"

// Volumes to import, and a short form of importing them.
namespace lucid::test {

inline ImportResult import_to(const std::filesystem::path& output, const ImportOptions& options) {
  hdf5::Writer writer(output);
  const ImportResult result =
      import_volumes(options, writer, [](const std::string&, double share) { CHECK(share <= 1); });
  writer.close();
  return result;
}

inline std::string volume(const NiftiSpec& spec = {}, std::uint8_t first = 0) {
  std::string voxels;
  for (int i = 0; i < 12; ++i) voxels += static_cast<char>(first + i);
  return nifti1(spec) + voxels;
}

inline ImportOptions from(const std::vector<std::string>& inputs,
                          const std::vector<std::string>& labels = {}) {
  ImportOptions options;
  options.inputs = inputs;
  options.labels = labels;
  return options;
}

}  // namespace lucid::test
