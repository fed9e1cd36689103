#include "formats/zarr/zarr_volume.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "data/array/axes.h"
#include "formats/zarr/multiscales.h"
#include "formats/zarr/zarr_array_file.h"
#include "formats/zarr/zarr_path.h"
#include "formats/zarr/zarr_stream.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Chunks that planes need in part are kept for the next ones.
constexpr std::size_t kPartialChunkBytes = std::size_t{512} << 20;

fs::path metadata_of(const fs::path& group) {
  return group / (zarr_format_of(group) == ZarrFormat::kV3 ? "zarr.json" : ".zattrs");
}

std::optional<Multiscales> image_at(const fs::path& group) {
  return read_multiscales(read_zarr_attributes(group), metadata_of(group).string());
}

// Returns "; it holds X.zarr/a, X.zarr/b", the arrays and groups below a folder.
std::string known_below(const fs::path& folder) {
  constexpr std::size_t kMost = 10;
  std::vector<std::string> known;
  std::error_code unreadable;
  for (fs::directory_iterator entry(folder, unreadable), end; !unreadable && entry != end;
       entry.increment(unreadable))
    if (entry->is_directory(unreadable) && zarr_format_of(entry->path()) != ZarrFormat::kNone)
      known.push_back(entry->path().string());
  if (known.empty()) return {};
  std::ranges::sort(known);
  const bool is_long = known.size() > kMost;
  if (is_long) known.resize(kMost);
  return "; it holds " + join(known, ", ") + (is_long ? ", ..." : "");
}

// Returns the folder of the array that a path means.
fs::path array_folder(const fs::path& path) {
  const std::optional<ZarrPath> parts = zarr_path(path);
  if (!parts || (!parts->inner.empty() && !is_path_inside(parts->inner)))
    throw Error(ExitCode::kUsage, path.string() + ": expected a folder X.zarr or one within it");
  const fs::path folder = parts->inner.empty() ? parts->store : parts->store / parts->inner;
  if (kind_of(folder) == FileKind::kMissing)
    throw Error(ExitCode::kUsage, path.string() + ": no such file" +
                                      (parts->inner.empty() ? "" : known_below(parts->store)));
  if (zarr_format_of(folder) == ZarrFormat::kNone)
    fail(path.string(),
         "expected a Zarr array or group, found neither .zarray, .zgroup nor "
         "zarr.json" +
             known_below(folder));
  if (is_zarr_array(folder)) return folder;
  if (const auto image = image_at(folder)) return folder / image->levels.front().path;
  throw Error(ExitCode::kUsage, path.string() + ": expected an array or an image, found a group" +
                                    known_below(folder));
}

// An array that is a level of an image.
struct LevelOfImage {
  Multiscales image;
  std::size_t level = 0;
};

// Looks for the image in the groups above the array, up to the store.
std::optional<LevelOfImage> image_of(const fs::path& folder) {
  const fs::path store = zarr_path(folder)->store;
  for (fs::path group = folder; group != store;) {
    group = group.parent_path();
    if (zarr_format_of(group) == ZarrFormat::kNone || is_zarr_array(group)) continue;
    std::optional<Multiscales> image = image_at(group);
    if (!image) continue;
    for (std::size_t level = 0; level < image->levels.size(); ++level)
      if (group / image->levels[level].path == folder)
        return LevelOfImage{*std::move(image), level};
  }
  return std::nullopt;
}

// Other writers name the axes of an array beside it.
std::vector<OmeAxis> named_axes(const ZarrArrayFile& array) {
  std::vector<std::string> names = array.axis_names;
  if (const auto list = array.attributes.find("_ARRAY_DIMENSIONS");
      list != array.attributes.end() && list->is_array() && names.empty())
    for (const Json& name : *list) names.push_back(name.is_string() ? name.get<std::string>() : "");
  std::string letters;
  std::vector<OmeAxis> axes;
  for (const std::string& name : names) {
    axes.push_back({name, "", std::nullopt});
    letters += axis_letter(axes.back());
  }
  const bool are_good = axes.size() == array.extents.size() && axes_error(letters).empty();
  return are_good ? axes : std::vector<OmeAxis>();
}

// PlantSeg and ilastik write it.
std::optional<Geometry> element_size(const ZarrArrayFile& array) {
  const auto size = array.attributes.find("element_size_um");
  if (size == array.attributes.end() || !size->is_array() || size->size() != 3) return std::nullopt;
  std::array<double, 3> voxel{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (!(*size)[axis].is_number() || !((*size)[axis].get<double>() > 0)) return std::nullopt;
    voxel[axis] = (*size)[axis].get<double>() * 1e-3;
  }
  return plain_geometry(voxel);
}

}  // namespace

ZarrVolume::ZarrVolume(const fs::path& path) : place_(path.string()), cache_(kPartialChunkBytes) {
  const fs::path folder = array_folder(path);
  if (!is_zarr_array(folder))
    fail(path.string(), "expected the array " + in_quotes(folder.string()) + ", found none");
  array_ = std::make_shared<const ZarrArray>(folder);
  header_.coding.stored = array_->element();
  describe(folder);
  for (const std::optional<std::size_t>& axis : axes_) {
    header_.extents.push_back(axis ? array_->extents()[*axis] : 1);
    chunk_.push_back(axis ? array_->chunk_extents()[*axis] : 1);
  }
  shape_ = Shape(header_.extents);
  if (!array_->has_chunks())
    header_.warnings.push_back("no chunk is there; all voxels have the fill value");
}

// Axes of extent 1 that lucid has no letter for are left out, and d is added to a single plane.
void ZarrVolume::describe(const fs::path& folder) {
  const ZarrArrayFile& file = array_->file();
  const std::size_t rank = file.extents.size();
  std::vector<OmeAxis> axes = named_axes(file);
  header_.geometry = element_size(file);
  if (std::optional<LevelOfImage> found = image_of(folder)) {
    axes = found->image.axes;
    if (axes.size() != rank)
      fail(place_, "expected " + std::to_string(axes.size()) + " axes as its image has, found " +
                       Shape(file.extents).str());
    header_.warnings = found->image.warnings;
    header_.geometry = level_geometry(found->image, found->level, header_.warnings);
  }
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const char letter = axes.empty() ? 0 : axis_letter(axes[axis]);
    if (letter == '?' && file.extents[axis] > 1)
      fail(place_, "expected the axes t, c, z, y and x, found " + in_quotes(axes[axis].name));
    if ((letter == '?' || letter == 'n') && file.extents[axis] == 1) continue;
    if (letter != 0) header_.axes += letter;
    axes_.emplace_back(axis);
  }
  if (axes.empty()) return;
  if (header_.axes.find('d') == std::string::npos) {
    const std::size_t at = std::min(header_.axes.find_first_of("hw"), header_.axes.size());
    header_.axes.insert(at, "d");
    axes_.insert(axes_.begin() + static_cast<std::ptrdiff_t>(at), std::nullopt);
  }
  if (const std::string error = axes_error(header_.axes); !error.empty())
    fail(place_, "axes: " + error);
}

std::optional<VoxelSize> ZarrVolume::voxel_size() const {
  if (!header_.geometry) return std::nullopt;
  return header_.geometry->voxel_size;
}

hdf5::Region ZarrVolume::region_of(const hdf5::Region& region) const {
  const std::size_t rank = array_->extents().size();
  hdf5::Region stored{std::vector<std::int64_t>(rank, 0), std::vector<std::int64_t>(rank, 1)};
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    if (!axes_[i]) continue;
    stored.start[*axes_[i]] = region.start[i];
    stored.count[*axes_[i]] = region.count[i];
  }
  return stored;
}

void ZarrVolume::read_stored(const hdf5::Region& region, std::span<std::byte> out) const {
  array_->read(region_of(region), out, 1, &cache_);
}

void ZarrVolume::read_shared(const hdf5::Region& region, std::span<std::byte> out,
                             int threads) const {
  bool has_whole_chunks = true;
  for (std::size_t axis = 0; axis < chunk_.size(); ++axis) {
    const std::int64_t end = region.start[axis] + region.count[axis];
    has_whole_chunks = has_whole_chunks && region.start[axis] % chunk_[axis] == 0 &&
                       (end % chunk_[axis] == 0 || end == shape_[axis]);
  }
  array_->read(region_of(region), out, threads, has_whole_chunks ? nullptr : &cache_);
}

VolumeFile open_zarr(const fs::path& path) {
  const ZarrVolume volume(path);
  auto stream = std::make_unique<ZarrStream>(volume.shared_array());
  return {volume.header(), std::move(stream), volume.place()};
}

ZarrIdentity zarr_identity(const fs::path& path) {
  ZarrIdentity identity;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path)) {
    if (!entry.is_regular_file()) continue;
    ++identity.files;
    identity.bytes += entry.file_size();
    identity.written = std::max<std::int64_t>(identity.written,
                                              entry.last_write_time().time_since_epoch().count());
  }
  return identity;
}

}  // namespace lucid
