#include "infer/volume/volume_input.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "data/array/axes.h"
#include "formats/dicom/dicom.h"
#include "formats/open/folder.h"
#include "formats/open/open_volume.h"
#include "formats/readers/numpy.h"
#include "formats/zarr/zarr_path.h"
#include "formats/zarr/zarr_volume.h"
#include "infer/volume/file_planes.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Returns the volumes of a folder, sorted; none if there are HDF5 files in it.
std::vector<fs::path> header_volumes_in(const fs::path& folder) {
  std::error_code unreadable;  // expand_files() tells
  for (const auto& entry : fs::directory_iterator(folder, unreadable)) {
    const fs::path extension = entry.path().extension();
    if (extension == ".h5" || extension == ".hdf5") return {};
  }
  if (unreadable) return {};
  std::vector<fs::path> found = volumes_in(folder);
  std::erase_if(found, [](const fs::path& path) { return !has_header(path); });
  return found;
}

// An archive of several arrays holds the one that is named as the dataset.
std::string array_of(const fs::path& archive, const std::string& dataset) {
  const std::vector<std::string> arrays = npz_arrays(archive);
  if (arrays.size() == 1 || std::ranges::find(arrays, dataset) == arrays.end()) {
    if (arrays.size() == 1) return arrays.front();
    throw Error(ExitCode::kUsage, archive.string() + ": holds several arrays; say which with " +
                                      "--dataset: " + join(arrays, ", "));
  }
  return dataset;
}

VolumeFile opened(const fs::path& path, const VolumesConfig& config) {
  if (!has_header(path))
    throw Error(ExitCode::kUsage, path.string() +
                                      ": a raw file says nothing of its numbers; convert it with "
                                      "lucid-data import");
  const std::string extension = volume_extension(path);
  VolumeFile file = extension == ".npz"   ? open_npz(path, array_of(path, config.input))
                    : extension == ".npy" ? open_npy(path)
                                          : open_volume(path, {});
  const std::vector<std::int64_t>& extents = file.header().extents;
  if (file.header().axes.empty())
    file.set_axes(axes_of_array(extents, config.axes.size() == extents.size() ? config.axes : "",
                                file.place()));
  return file;
}

}  // namespace

bool is_volume_file(const fs::path& path) { return is_volume(path); }

std::vector<fs::path> expand_inputs(const std::vector<std::string>& inputs) {
  std::vector<fs::path> files;
  for (const std::string& input : inputs) {
    std::vector<fs::path> found;
    if (names_one_volume(input))
      found = {input};
    else if (kind_of(input) == FileKind::kFolder)
      found = header_volumes_in(input);
    if (found.empty()) found = expand_files({input}, "");
    files.insert(files.end(), found.begin(), found.end());
  }
  return with_whole_series(files);
}

VolumeStacks open_volume_stacks(const fs::path& path, const VolumesConfig& config,
                                std::vector<std::string>& warnings) {
  if (!config.target.empty())
    throw Error(ExitCode::kUsage, path.string() +
                                      ": --target requires HDF5 inputs, which hold both; "
                                      "lucid-data evaluate compares other files");
  const VolumeFile first = opened(path, config);
  for (const std::string& warning : first.header().warnings)
    warnings.push_back(first.place() + ": " + warning);
  VolumeStacks stacks;
  std::shared_ptr<const PlaneSource> planes;
  if (zarr_path(path))
    planes = std::make_shared<ZarrVolume>(path);
  else
    planes = std::make_shared<FilePlanes>([path, config] { return opened(path, config); }, first);
  stacks.inputs.push_back(std::make_unique<Stack>(path, std::move(planes), first.header().axes));
  return stacks;
}

std::optional<Geometry> geometry_of(const Stack& stack) {
  if (stack.source() == nullptr) return read_geometry(hdf5::File(stack.file()), stack.dataset());
  if (volume_extension(stack.file()).starts_with(".np")) return std::nullopt;
  return open_volume(stack.file(), {}).header().geometry;
}

}  // namespace lucid
