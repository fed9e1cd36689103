#pragma once

#include <filesystem>
#include <functional>

#include "formats/readers/volume_file.h"

namespace lucid {

// .nii and .nii.gz, and .hdr with an .img or .img.gz beside it. The voxels are streamed by
// ourselves: libnifti takes the sizes of a header for granted, and a volume whole.
VolumeFile open_nifti(const std::filesystem::path& path);

// Writes a volume of the extents dhw, or cdhw, compressed where the name ends in .gz. `fill` is
// given the first element and room for as many of them as it shall provide. The file appears when
// it is complete.
using FillElements = std::function<void(std::int64_t begin, std::span<std::byte> out)>;
void write_nifti(const std::filesystem::path& path, ElementType type,
                 const std::vector<std::int64_t>& extents, const Geometry& geometry,
                 const FillElements& fill);

}  // namespace lucid
