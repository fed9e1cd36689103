#include "infer/volume/volume_input.h"

#include "base/file.h"
#include "formats/dicom/dicom.h"
#include "formats/open/folder.h"
#include "formats/open/open_planes.h"
#include "formats/open/open_volume.h"

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
  OpenPlanes planes = open_planes(path, {config.input, config.axes});
  for (const std::string& warning : planes.header.warnings)
    warnings.push_back(planes.source->place() + ": " + warning);
  VolumeStacks stacks;
  stacks.inputs.push_back(
      std::make_unique<Stack>(path, std::move(planes.source), planes.header.axes));
  return stacks;
}

std::optional<Geometry> geometry_of(const Stack& stack) {
  if (stack.source() == nullptr) return read_geometry(hdf5::File(stack.file()), stack.dataset());
  if (volume_extension(stack.file()).starts_with(".np")) return std::nullopt;
  return open_volume(stack.file(), {}).header().geometry;
}

}  // namespace lucid
