#include "formats/import/export.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "data/array/axes.h"
#include "formats/import/export_values.h"
#include "formats/open/open_volume.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using Extents = std::vector<std::int64_t>;

// A geometry, and the extents of its volume if known.
struct Reference {
  Geometry geometry;
  std::optional<Extents> space;  // d, h, w
  std::string place;
  std::vector<std::string> warnings;
};

Extents space_of(const std::string& axes, const Shape& shape) {
  return {axis_extent(axes, shape, 'd'), axis_extent(axes, shape, 'h'),
          axis_extent(axes, shape, 'w')};
}

// Returns an empty text where neither the dataset nor its rank says them.
std::string axes_of(const hdf5::File& file, const std::string& dataset, std::size_t rank) {
  const auto stored = file.attribute<std::string>(dataset, "axes");
  const bool is_unknown = stored && stored->find_first_not_of('?') == std::string::npos;
  if (!stored || is_unknown) return default_axes(rank);
  if (stored->size() == rank && axes_error(*stored).empty()) return plain_axes(*stored);
  fail(file.path().string() + ": /" + dataset, "attribute 'axes': expected the letters of " +
                                                   std::to_string(rank) + " axes, found " +
                                                   in_quotes(*stored));
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
  return {first, axes.empty() ? std::nullopt : std::optional(space_of(axes, shape)), text, {}};
}

Reference reference_of(const ExportOptions& options, const hdf5::File& input) {
  if (options.geometry) {
    if (!is_volume(*options.geometry)) return hdf5_reference(*options.geometry);
    const VolumeFile file = open_volume(*options.geometry, {});
    if (!file.header().geometry)
      throw Error(ExitCode::kData, *options.geometry + ": expected voxel sizes, found none");
    Reference reference{
        *file.header().geometry, space_of(file.header().axes, file.shape()), file.place(), {}};
    for (const std::string& warning : file.header().warnings)
      reference.warnings.push_back(file.place() + ": " + warning);
    return reference;
  }
  if (options.voxel_size) return {plain_geometry(*options.voxel_size), std::nullopt, "", {}};
  if (const auto own = read_geometry(input, options.dataset)) return {*own, std::nullopt, "", {}};
  throw Error(ExitCode::kUsage, options.input.string() + ": /" + options.dataset +
                                    " says nothing of its voxels; give --geometry or --voxel-size");
}

// Returns the requested axes, else the stored ones, else those that fit the geometry.
std::string export_axes(const ExportOptions& options, const hdf5::File& input, const Shape& shape,
                        const Reference& reference) {
  if (options.axes)
    return axes_of_array(shape.extents(), *options.axes,
                         options.input.string() + ": /" + options.dataset);
  if (shape.rank() < 3 || shape.rank() > 5)
    fail(options.input.string() + ": /" + options.dataset,
         "expected a volume of 3 to 5 axes, found " + shape.str());
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

}  // namespace

std::vector<std::string> export_nifti(const ExportOptions& options,
                                      const std::function<void(double share)>& progress) {
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
  constexpr double kRangeShare = 0.4;  // of the time, if the values have to be read before
  double before = 0;
  const ExportValues values = export_values(input, options.dataset, planes, [&](double share) {
    before = kRangeShare;
    progress(kRangeShare * share);
  });
  Extents extents = planes.space();
  if (planes.channels() > 1) extents.insert(extents.begin(), planes.channels());
  const auto size = static_cast<std::int64_t>(element_bytes(values.type));
  std::vector<std::byte> stored;
  const auto fill = [&](std::int64_t begin, std::span<std::byte> out) {
    const std::int64_t count = std::ssize(out) / size, plane = planes.plane_elements();
    stored.resize(static_cast<std::size_t>(count) * element_bytes(planes.element()));
    planes.read(begin / plane, count / plane, stored);
    convert_elements(planes.element(), stored, values.type, out);
    progress(before + (1 - before) * static_cast<double>(begin + count) /
                          static_cast<double>(Shape(extents).elements()));
  };
  write_nifti(options.output, values.type, extents, reference.geometry, fill, values.scaling);
  std::vector<std::string> warnings = reference.warnings;
  if (!values.warning.empty()) warnings.push_back(array.place() + ": " + values.warning);
  return warnings;
}

}  // namespace lucid
