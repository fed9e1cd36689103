#include "formats/import/export.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "data/array/axes.h"
#include "formats/readers/nifti.h"
#include "formats/readers/open_volume.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using Extents = std::vector<std::int64_t>;

// A geometry, and the extents of its volume if known.
struct Reference {
  Geometry geometry;
  std::optional<Extents> space;  // d, h, w
  std::string place;
};

Extents space_of(const std::string& axes, const Shape& shape) {
  return {axis_extent(axes, shape, 'd'), axis_extent(axes, shape, 'h'),
          axis_extent(axes, shape, 'w')};
}

std::string axes_of(const hdf5::File& file, const std::string& dataset, std::size_t rank) {
  const std::string stored =
      file.attribute<std::string>(dataset, "axes").value_or(default_axes(rank));
  return stored.size() == rank && axes_error(stored).empty() ? stored : "";
}

// Reads "file.h5:group/raw", or the one dataset of the file that has a geometry.
Reference hdf5_reference(const std::string& text) {
  const bool is_file = kind_of(text) != FileKind::kMissing;
  const auto colon = is_file ? std::string::npos : text.rfind(':');
  const hdf5::File file(text.substr(0, colon));
  std::vector<std::string> datasets{colon == std::string::npos ? "" : text.substr(colon + 1)};
  if (colon == std::string::npos) datasets = file.datasets();
  std::vector<std::string> found;
  for (const std::string& dataset : datasets)
    if (file.has_dataset(dataset) && read_geometry(file, dataset)) found.push_back(dataset);
  if (found.empty())
    throw Error(ExitCode::kData, text +
                                     ": expected a dataset with the attributes voxel_size_mm and "
                                     "affine, as lucid-data import writes them, found none");
  const Geometry first = *read_geometry(file, found.front());
  for (const std::string& other : found)
    if (!geometry_difference(first, *read_geometry(file, other)).empty())
      throw Error(ExitCode::kUsage, text + ": /" + found.front() + " and /" + other +
                                        " lie in different places; say which, as " + text + ":" +
                                        found.front());
  const Shape shape = file.open(found.front()).shape();
  const std::string axes = axes_of(file, found.front(), shape.rank());
  return {first, axes.empty() ? std::nullopt : std::optional(space_of(axes, shape)), text};
}

Reference reference_of(const ExportOptions& options, const hdf5::File& input) {
  if (options.geometry) {
    if (volume_extension(*options.geometry).empty()) return hdf5_reference(*options.geometry);
    const VolumeFile file = open_volume(*options.geometry, {});
    if (!file.header().geometry)
      throw Error(ExitCode::kData, *options.geometry + ": expected voxel sizes, found none");
    return {*file.header().geometry, space_of(file.header().axes, file.shape()), file.place()};
  }
  if (options.voxel_size) return {plain_geometry(*options.voxel_size), std::nullopt, ""};
  if (const auto own = read_geometry(input, options.dataset)) return {*own, std::nullopt, ""};
  throw Error(ExitCode::kUsage, options.input.string() + ": /" + options.dataset +
                                    " says nothing of its voxels; give --geometry or --voxel-size");
}

// Returns the requested axes, else the stored ones, else those that fit the geometry.
std::string export_axes(const ExportOptions& options, const hdf5::File& input, const Shape& shape,
                        const Reference& reference) {
  if (options.axes)
    return axes_of_array(shape.extents(), *options.axes,
                         options.input.string() + ": /" + options.dataset);
  const std::string stored = axes_of(input, options.dataset, shape.rank());
  if (!stored.empty()) return stored;
  const bool is_labels =
      shape.rank() == 4 && reference.space &&
      Extents(shape.extents().begin() + 1, shape.extents().end()) == *reference.space;
  if (is_labels) return "ndhw";  // predictions of classes have these axes
  return axes_of_array(shape.extents(), "", options.input.string() + ": /" + options.dataset);
}

std::int64_t chosen_sample(const ExportOptions& options, std::int64_t samples,
                           const std::string& place) {
  if (!options.sample && samples > 1)
    throw Error(ExitCode::kUsage, place + ": holds " + std::to_string(samples) +
                                      " samples; say which, counted from 0, with --sample");
  const std::int64_t sample = options.sample.value_or(0);
  if (sample < samples) return sample;
  throw Error(ExitCode::kUsage, "--sample: expected 0 to " + std::to_string(samples - 1) +
                                    ", found " + std::to_string(sample));
}

void check_space(const hdf5::Array& array, const Extents& space, const Reference& reference) {
  if (!reference.space || *reference.space == space) return;
  throw Error(ExitCode::kData, array.place() + ": expected " + Shape(*reference.space).str() +
                                   " voxels as in " + reference.place + ", found " +
                                   Shape(space).str());
}

// Reads whole planes (h, w) in NIfTI's order from any order of stored axes.
class Planes {
 public:
  Planes(const hdf5::Array& array, std::string axes, std::int64_t sample)
      : array_(array), axes_(std::move(axes)), sample_(sample), shape_(array.shape()) {
    channels_ = axis_extent(axes_, shape_, 'c');
    space_ = space_of(axes_, shape_);
  }

  std::int64_t channels() const { return channels_; }
  const Extents& space() const { return space_; }

  void read(std::int64_t first, std::int64_t count, std::span<std::byte> out) const {
    const std::size_t size = element_bytes(array_.element());
    const auto plane = static_cast<std::size_t>(space_[1] * space_[2]) * size;
    for (std::int64_t at = 0; at < count;) {  // planes of one channel
      const std::int64_t c = (first + at) / space_[0], d = (first + at) % space_[0];
      const std::int64_t run = std::min(count - at, space_[0] - d);
      read_box(
          c, d, run,
          out.subspan(static_cast<std::size_t>(at) * plane, static_cast<std::size_t>(run) * plane));
      at += run;
    }
  }

 private:
  void read_box(std::int64_t c, std::int64_t d, std::int64_t run, std::span<std::byte> out) const {
    hdf5::Region box{Extents(axes_.size(), 0), shape_.extents()};
    const auto narrow = [&](char axis, std::int64_t start, std::int64_t count) {
      const auto at = axes_.find(axis);
      if (at == std::string::npos) return;
      box.start[at] = start;
      box.count[at] = count;
    };
    narrow('n', sample_, 1);
    narrow('c', c, 1);
    narrow('d', d, run);
    std::string order = axes_;
    std::erase_if(order, [](char axis) { return axis == 'n' || axis == 'c'; });
    if (order == "dhw") return array_.read_stored(box, out);
    std::vector<std::byte> stored(out.size());
    array_.read_stored(box, stored);
    const VoxelView view = sample_view(axes_, Shape(box.count), 0);
    const std::size_t size = element_bytes(array_.element());
    std::size_t to = 0;
    for (std::int64_t z = 0; z < view.extents[1]; ++z)
      for (std::int64_t y = 0; y < view.extents[2]; ++y)
        for (std::int64_t x = 0; x < view.extents[3]; ++x, to += size) {
          const auto from = static_cast<std::size_t>(z * view.strides[1] + y * view.strides[2] +
                                                     x * view.strides[3]);
          std::copy_n(&stored[from * size], size, &out[to]);
        }
  }

  const hdf5::Array& array_;
  std::string axes_;
  std::int64_t sample_, channels_ = 1;
  Shape shape_;
  Extents space_;
};

}  // namespace

void export_nifti(const ExportOptions& options, const std::function<void(double share)>& progress) {
  const std::string extension = volume_extension(options.output.path);
  if (extension != ".nii" && extension != ".nii.gz")
    throw Error(ExitCode::kUsage,
                options.output.path.string() + ": expected a name that ends in .nii or .nii.gz");
  const hdf5::File input(options.input);
  const hdf5::Array array = input.open(options.dataset);
  const Reference reference = reference_of(options, input);
  const std::string axes = export_axes(options, input, array.shape(), reference);
  const std::int64_t samples = axis_extent(axes, array.shape(), 'n');
  const Planes planes(array, axes, chosen_sample(options, samples, array.place()));
  check_space(array, planes.space(), reference);
  Extents extents = planes.space();
  if (planes.channels() > 1) extents.insert(extents.begin(), planes.channels());
  const std::int64_t plane = extents.back() * extents[extents.size() - 2];
  const auto size = static_cast<std::int64_t>(element_bytes(array.element()));
  const auto all = static_cast<double>(Shape(extents).elements());
  write_nifti(options.output, array.element(), extents, reference.geometry,
              [&](std::int64_t begin, std::span<std::byte> out) {
                const std::int64_t count = std::ssize(out) / size;
                planes.read(begin / plane, count / plane, out);
                progress(static_cast<double>(begin + count) / all);
              });
}

}  // namespace lucid
