#pragma once

#include <filesystem>

#include "base/unfinished_file.h"
#include "formats/readers/fill_elements.h"
#include "formats/readers/volume_file.h"

namespace lucid {

// Opens .nii, .nii.gz, or .hdr with an .img or .img.gz next to it. Voxels are streamed without
// libnifti, which trusts the sizes of a header and reads a volume whole.
VolumeFile open_nifti(const std::filesystem::path& path);

// value = slope * stored + intercept
struct NiftiScaling {
  double slope = 1, intercept = 0;
};

// Returns the file with the voxels of a pair whose header is `header`. Throws Error(kData) if there
// is none.
std::filesystem::path image_beside(const std::filesystem::path& header);

// Writes a volume of extents dhw or cdhw, compressed if the name ends in .gz. The file appears when
// it is complete.
void write_nifti(const OutputFile& output, ElementType type,
                 const std::vector<std::int64_t>& extents, const Geometry& geometry,
                 const FillElements& fill, const NiftiScaling& scaling = {});
// Does the same to `file`, which the caller will rename to `named`. Extents c1dhw make c the fifth
// dimension.
void write_nifti_data(const std::filesystem::path& file, const std::filesystem::path& named,
                      ElementType type, const std::vector<std::int64_t>& extents,
                      const Geometry& geometry, const FillElements& fill,
                      const NiftiScaling& scaling = {});

}  // namespace lucid
