#pragma once

#include <cstdint>
#include <filesystem>

#include "base/command_files.h"
#include "base/triple.h"
#include "formats/readers/nifti.h"
#include "infer/predict/output_type.h"

namespace lucid {

// True if a file of this name is NIfTI, NRRD, MetaImage, TIFF or a Zarr store. Throws Error(kUsage)
// for the name of a format that lucid reads only; every other name is HDF5's.
bool is_volume_output(const std::filesystem::path& path);

// True if a file of this name is TIFF, which keeps of the geometry the size of voxels alone.
bool is_tiff_output(const std::filesystem::path& path);

// True if a file of this name is NIfTI or MetaImage, which place volumes in a patient only.
bool keeps_place_of_patient_only(const std::filesystem::path& path);

// True for the name of a Zarr store, which is a folder.
bool is_zarr_output(const std::filesystem::path& path);

// Adds a file or a store of any name to those of a command, as CommandFiles::writes() does.
void add_output(CommandFiles& files, const OutputFile& output, const std::string& what);

// Returns the type of the labels of such a file unless the user chose one: the smallest
// unsigned integers that hold all classes, and one value more for voxels without a class.
OutputType label_output_type(std::int64_t classes);

// Throws Error(kUsage) if the format of that name cannot hold such numbers.
void check_volume_output(const std::filesystem::path& path, const OutputFormat& format);

// One prediction in a volume file: labels without a channel axis, everything else with one, the
// slowest: NIfTI's fifth dimension, a list in NRRD, MetaImage's fourth; the axis c of OME-Zarr;
// channels in TIFF, which keeps of the geometry the size of voxels alone.
struct VolumeImage {
  Triple extents{};
  std::int64_t channels = 0;  // 0 for labels
  Geometry geometry;
};

// Writes to `file`, whose final name is `named`; a Zarr store into a folder. `fill` receives the
// index of the first element of whole planes, in ascending order.
void write_volume_image(const std::filesystem::path& file, const std::filesystem::path& named,
                        const VolumeImage& image, const OutputFormat& format,
                        const FillElements& fill);

}  // namespace lucid
