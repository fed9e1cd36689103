#include "formats/open/open_volume.h"

#include <algorithm>
#include <bit>
#include <map>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "data/array/axes.h"
#include "formats/dicom/dicom.h"
#include "formats/open/folder.h"
#include "formats/readers/metaimage.h"
#include "formats/readers/nifti.h"
#include "formats/readers/nrrd.h"
#include "formats/readers/numpy.h"
#include "formats/tiff/tiff.h"
#include "formats/zarr/zarr_path.h"
#include "formats/zarr/zarr_volume.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Longer extensions come first, as the first that fits a name counts.
const std::vector<std::string>& extensions() {
  static const std::vector<std::string> names = {
      ".nii.gz", ".raw.gz",  ".nii",      ".hdr", ".nrrd", ".nhdr", ".mha", ".mhd",      ".npy",
      ".npz",    ".ome.tif", ".ome.tiff", ".tif", ".tiff", ".raw",  ".bin", ".ome.zarr", ".zarr"};
  return names;
}

// What a path within a Zarr store names has the name of the store.
std::string volume_name(const fs::path& path) {
  const std::optional<ZarrPath> parts = zarr_path(path);
  return (parts ? parts->store : path).filename().string();
}

ElementType element_named(const std::string& name) {
  std::vector<std::string> names;
  for (int i = 0; i <= static_cast<int>(ElementType::kFloat64); ++i) {
    const auto type = static_cast<ElementType>(i);
    if (element_name(type) == name) return type;
    names.push_back(element_name(type));
  }
  throw Error(ExitCode::kUsage,
              "--type: unknown type " + in_quotes(name) + suggestion(name, names));
}

VolumeFile open_raw(const fs::path& path, const RawLayout& layout) {
  const std::string place = path.string();
  if (layout.shape.empty() || layout.type.empty())
    throw Error(ExitCode::kUsage,
                place + ": a raw file says nothing of its numbers; give --shape and --type");
  VolumeHeader volume;
  volume.coding.stored = element_named(layout.type);
  volume.coding.is_swapped = layout.is_big_endian != (std::endian::native == std::endian::big) &&
                             element_bytes(volume.coding.stored) > 1;
  volume.extents = layout.shape;
  volume.fills_file = true;
  std::unique_ptr<ByteStream> bytes = open_perhaps_gzip(path);
  skip_exactly(*bytes, layout.skip_bytes, place, "--skip-bytes");
  return {std::move(volume), std::move(bytes), place};
}

VolumeFile open_archive(const fs::path& path) {
  const std::vector<std::string> arrays = npz_arrays(path);
  if (arrays.size() == 1) return open_npz(path, arrays.front());
  throw Error(ExitCode::kData, path.string() + ": expected an archive of one array, found " +
                                   std::to_string(arrays.size()) + ": " +
                                   shortened(join(arrays, ", "), 200));
}

VolumeFile open_by_extension(const fs::path& path, const RawLayout& layout) {
  const std::string extension = volume_extension(path);
  if (is_folder_volume(path)) return open_folder(path);
  if (extension.starts_with(".nii") || extension == ".hdr") return open_nifti(path);
  if (extension == ".nrrd" || extension == ".nhdr") return open_nrrd(path);
  if (extension == ".mha" || extension == ".mhd") return open_metaimage(path);
  if (extension == ".npy") return open_npy(path);
  if (extension == ".npz") return open_archive(path);
  if (extension.ends_with(".zarr")) return open_zarr(path);
  if (extension.ends_with(".tif") || extension.ends_with(".tiff")) return open_tiff(path);
  if (extension.starts_with(".raw") || extension == ".bin" || !layout.shape.empty())
    return open_raw(path, layout);
  throw Error(ExitCode::kUsage, path.string() + ": the name tells no format; known: " +
                                    join(extensions(), ", ") + ", and DICOM by its content");
}

}  // namespace

std::vector<fs::path> files_of_volume(const fs::path& path) {
  const std::string extension = volume_extension(path);
  if (is_folder_volume(path)) return files_of_folder(path);
  std::vector<fs::path> files{path};
  if (extension == ".hdr") files.push_back(image_beside(path));
  if (extension == ".nrrd" || extension == ".nhdr")
    if (const auto numbers = nrrd_data_file(path)) files.push_back(*numbers);
  if (extension == ".mha" || extension == ".mhd")
    if (const auto elements = metaimage_data_file(path)) files.push_back(*elements);
  return files;
}

bool is_part_of_volume(const fs::path& path) {
  if (!volume_extension(path).starts_with(".raw")) return false;
  for (const char* header : {".mhd", ".nhdr"})
    if (kind_of(path.parent_path() / (case_name(path) + header)) != FileKind::kMissing) return true;
  return false;
}

std::string volume_extension(const fs::path& path) {
  const std::string name = volume_name(path);
  for (const std::string& extension : extensions())
    if (name.size() > extension.size() && name.ends_with(extension)) return extension;
  return {};
}

std::string volume_format(const fs::path& path) {
  static const std::map<std::string, std::string> names = {
      {".nii", "NIfTI"},     {".nii.gz", "NIfTI"},  {".hdr", "NIfTI"},        {".nrrd", "NRRD"},
      {".nhdr", "NRRD"},     {".mha", "MetaImage"}, {".mhd", "MetaImage"},    {".npy", "NumPy"},
      {".npz", "NumPy"},     {".tif", "TIFF"},      {".tiff", "TIFF"},        {".ome.tif", "TIFF"},
      {".ome.tiff", "TIFF"}, {".zarr", "Zarr"},     {".ome.zarr", "OME-Zarr"}};
  if (is_folder_volume(path)) return is_dicom_path(path) ? "DICOM" : "TIFF";
  const auto known = names.find(volume_extension(path));
  return known == names.end() ? "raw" : known->second;
}

bool is_volume(const fs::path& path) {
  return !volume_extension(path).empty() || is_folder_volume(path);
}

bool has_header(const fs::path& path) {
  const std::string extension = volume_extension(path);
  return !extension.starts_with(".raw") && extension != ".bin";
}

std::string case_name(const fs::path& path) {
  if (const std::string series = dicom_series_of(path); !series.empty()) return series;
  if (volume_extension(path).empty() && kind_of(path) == FileKind::kFolder) {
    const fs::path whole = fs::weakly_canonical(path);  // "." has a name, too
    return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
  }
  const std::string extension = volume_extension(path), name = volume_name(path);
  return extension.empty() ? path.stem().string() : name.substr(0, name.size() - extension.size());
}

std::string axes_of_array(const std::vector<std::int64_t>& extents, const std::string& asked,
                          const std::string& place) {
  const std::string axes = asked.empty() ? default_axes(extents.size()) : plain_axes(asked);
  if (extents.size() < 3 || extents.size() > 5)
    fail(place, "expected an array of 3 to 5 axes, found " + std::to_string(extents.size()));
  if (axes.empty())
    throw Error(ExitCode::kUsage, place + ": rank " + std::to_string(extents.size()) +
                                      " has no default axes; say them, as --axes cdhw");
  const std::string error = axes_error(axes);
  if (!error.empty()) throw Error(ExitCode::kUsage, "--axes: " + error);
  if (axes.size() == extents.size()) return axes;
  throw Error(ExitCode::kUsage, "--axes: expected " + std::to_string(extents.size()) +
                                    " letters for " + place + ", found " + in_quotes(asked));
}

VolumeFile open_stored_volume(const fs::path& path) { return open_by_extension(path, {}); }

VolumeFile open_volume(const fs::path& path, const RawLayout& layout) {
  VolumeFile file = open_by_extension(path, layout);
  if (file.header().axes.empty())
    file.set_axes(axes_of_array(file.header().extents, layout.axes, file.place()));
  return file;
}

}  // namespace lucid
