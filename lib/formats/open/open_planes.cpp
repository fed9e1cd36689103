#include "formats/open/open_planes.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "formats/open/file_planes.h"
#include "formats/open/open_volume.h"
#include "formats/readers/numpy.h"
#include "formats/zarr/zarr_path.h"
#include "formats/zarr/zarr_volume.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// An archive of several arrays holds the one that is named.
std::string array_of(const fs::path& archive, const std::string& name) {
  const std::vector<std::string> arrays = npz_arrays(archive);
  if (arrays.size() == 1) return arrays.front();
  if (std::ranges::find(arrays, name) != arrays.end()) return name;
  throw Error(ExitCode::kUsage, archive.string() + ": holds several arrays; say which with " +
                                    "--dataset: " + join(arrays, ", "));
}

}  // namespace

std::vector<std::string> arrays_in(const fs::path& path) {
  if (volume_extension(path) != ".npz") return {""};
  return npz_arrays(path);
}

VolumeFile open_array(const fs::path& path, const std::string& name) {
  if (!has_header(path))
    throw Error(ExitCode::kUsage, path.string() +
                                      ": a raw file says nothing of its numbers; convert it with "
                                      "lucid-data import");
  if (volume_extension(path) == ".npz") return open_npz(path, array_of(path, name));
  return open_stored_volume(path);
}

VolumeFile open_chosen(const fs::path& path, const ArrayChoice& choice) {
  VolumeFile file = open_array(path, choice.name);
  const std::vector<std::int64_t>& extents = file.header().extents;
  if (file.header().axes.empty())
    file.set_axes(axes_of_array(extents, choice.axes.size() == extents.size() ? choice.axes : "",
                                file.place()));
  return file;
}

OpenPlanes open_planes(const fs::path& path, const ArrayChoice& choice) {
  const VolumeFile first = open_chosen(path, choice);
  if (zarr_path(path)) return {std::make_shared<ZarrVolume>(path), first.header()};
  return {std::make_shared<FilePlanes>([path, choice] { return open_chosen(path, choice); }, first),
          first.header()};
}

}  // namespace lucid
