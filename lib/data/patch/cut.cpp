#include "data/patch/cut.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/rng.h"

namespace lucid {
namespace {

struct CutPatch {
  Triple begin;
  std::uint8_t label = 0;
};

// Returns the last three extents; those before must be 1.
Triple volume_extents(const hdf5::Array& array) {
  const Shape shape = array.shape();
  const std::size_t rank = shape.rank();
  if (rank < 3 || shape[rank - 3] * shape[rank - 2] * shape[rank - 1] != shape.elements())
    throw Error(ExitCode::kData,
                array.place() + ": expected one volume (D, H, W), found shape " + shape.str());
  return {shape[rank - 3], shape[rank - 2], shape[rank - 1]};
}

std::size_t voxel_index(const Triple& extents, std::int64_t z, std::int64_t y, std::int64_t x) {
  return static_cast<std::size_t>((z * extents[1] + y) * extents[2] + x);
}

Ranges closed(Ranges region, const Triple& extents, const PatchOptions& options) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (region.end[axis] < 0) region.end[axis] = extents[axis];
    if (region.begin[axis] >= region.end[axis] || region.end[axis] > extents[axis])
      throw Error(ExitCode::kUsage, "--region " + ranges_text(region) + ": expected a part of " +
                                        ranges_text({{0, 0, 0}, extents}));
    if (region.end[axis] - region.begin[axis] < options.size[axis])
      throw Error(ExitCode::kUsage,
                  "--region " + ranges_text(region) + ": expected room for patches of " +
                      Shape{options.size[0], options.size[1], options.size[2]}.str());
  }
  return region;
}

// Lists voxels of each label around which a patch fits, in storage order.
std::map<std::int64_t, std::vector<Triple>> candidates(const std::vector<std::int64_t>& labels,
                                                       const Triple& extents, const Ranges& region,
                                                       const PatchOptions& options) {
  std::map<std::int64_t, std::vector<Triple>> found;
  for (const std::int64_t label : options.classes) found[label];
  Triple last{};  // begin of the last patch that fits
  for (std::size_t axis = 0; axis < 3; ++axis) last[axis] = region.end[axis] - options.size[axis];
  const Triple half{options.size[0] / 2, options.size[1] / 2, options.size[2] / 2};
  for (std::int64_t z = region.begin[0]; z <= last[0]; ++z)
    for (std::int64_t y = region.begin[1]; y <= last[1]; ++y)
      for (std::int64_t x = region.begin[2]; x <= last[2]; ++x) {
        const std::int64_t label =
            labels[voxel_index(extents, z + half[0], y + half[1], x + half[2])];
        const bool is_kept = options.classes.empty() ? label != 0 : found.contains(label);
        if (is_kept) found[label].push_back({z, y, x});
      }
  return found;
}

std::vector<CutPatch> choose(const std::map<std::int64_t, std::vector<Triple>>& found,
                             const PatchOptions& options, const std::string& place) {
  std::vector<CutPatch> chosen;
  std::uint8_t number = 0;
  for (const auto& [label, begins] : found) {
    if (std::ssize(begins) < options.per_class)
      throw Error(ExitCode::kData, place + ": label " + std::to_string(label) +
                                       ": expected at least " + std::to_string(options.per_class) +
                                       " voxels with a whole patch around them in the region, "
                                       "found " +
                                       std::to_string(begins.size()));
    Rng rng(options.seed, "patches/" + std::to_string(label));
    const std::vector<std::size_t> order = permutation(begins.size(), rng);
    for (std::int64_t i = 0; i < options.per_class; ++i)
      chosen.push_back({begins[order[static_cast<std::size_t>(i)]], number});
    ++number;
  }
  Rng rng(options.seed, "patches/order");
  std::vector<CutPatch> shuffled;
  for (const std::size_t i : permutation(chosen.size(), rng)) shuffled.push_back(chosen[i]);
  return shuffled;
}

template <class T>
void cut(const std::vector<T>& raw, const Triple& extents, const CutPatch& patch,
         const PatchOptions& options, std::vector<T>& out) {
  out.clear();
  Triple at{};
  for (at[0] = 0; at[0] < options.size[0]; ++at[0])
    for (at[1] = 0; at[1] < options.size[1]; ++at[1])
      for (at[2] = 0; at[2] < options.size[2]; ++at[2]) {
        Triple from = at;
        if (options.mirror)
          from[*options.mirror] = options.size[*options.mirror] - 1 - at[*options.mirror];
        out.push_back(raw[voxel_index(extents, patch.begin[0] + from[0], patch.begin[1] + from[1],
                                      patch.begin[2] + from[2])]);
      }
}

// Cuts every patch out of a volume; `shape` is without N.
template <class T>
void write_cuts(const std::string& dataset, const Shape& shape, const std::vector<T>& volume,
                const Triple& extents, const std::vector<CutPatch>& patches,
                const PatchOptions& options, hdf5::Writer& output) {
  output.create(dataset, element_of<T>(), shape.with_batch(std::ssize(patches)));
  std::vector<T> voxels;
  for (std::int64_t i = 0; i < std::ssize(patches); ++i) {
    cut(volume, extents, patches[static_cast<std::size_t>(i)], options, voxels);
    output.write_rows<T>(dataset, i, voxels);
  }
}

// Writes patches in the stored type if the output supports it, else as floats.
void write_patches(const hdf5::Array& raw, const Triple& extents,
                   const std::vector<CutPatch>& patches, const PatchOptions& options,
                   hdf5::Writer& output) {
  const Shape shape{1, options.size[0], options.size[1], options.size[2]};
  if (raw.element() != ElementType::kUint8)
    return write_cuts("volumes", shape, raw.read<float>(), extents, patches, options, output);
  std::vector<std::uint8_t> bytes(raw.shape().count());
  raw.read_stored(std::as_writable_bytes(std::span(bytes)));
  write_cuts("volumes", shape, bytes, extents, patches, options, output);
}

void check_fits_int32(const std::vector<std::int64_t>& labels, const std::string& place) {
  for (const std::int64_t label : labels)
    if (!std::in_range<std::int32_t>(label))
      fail(place, "expected labels that int32 can hold, found " + std::to_string(label));
}

void write_voxel_labels(const std::vector<std::int64_t>& labels, const Triple& extents,
                        const std::vector<CutPatch>& patches, const PatchOptions& options,
                        hdf5::Writer& output) {
  const std::vector<std::int32_t> narrow(labels.begin(), labels.end());
  write_cuts("labels", Shape{options.size[0], options.size[1], options.size[2]}, narrow, extents,
             patches, options, output);
}

}  // namespace

void make_patches(const hdf5::File& input, const PatchOptions& options, hdf5::Writer& output) {
  const hdf5::Array raw = input.open(options.raw), labels = input.open(options.labels);
  const Triple extents = volume_extents(raw);
  if (volume_extents(labels) != extents)
    throw Error(ExitCode::kData, labels.place() + ": expected a label a voxel of " + raw.place() +
                                     " (" + raw.shape().str() + "), found shape " +
                                     labels.shape().str());
  const Ranges region = closed(options.region, extents, options);
  const auto label_values = labels.read<std::int64_t>();
  const auto found = candidates(label_values, extents, region, options);
  if (found.empty() || found.size() > 256)
    throw Error(ExitCode::kData, labels.place() +
                                     ": expected 1 to 256 labels in the region, found " +
                                     std::to_string(found.size()));
  if (options.voxel_labels) check_fits_int32(label_values, labels.place());
  const std::vector<CutPatch> patches = choose(found, options, labels.place());
  write_patches(raw, extents, patches, options, output);
  if (options.voxel_labels)
    return write_voxel_labels(label_values, extents, patches, options, output);
  std::vector<std::uint8_t> numbers;
  for (const CutPatch& patch : patches) numbers.push_back(patch.label);
  output.write<std::uint8_t>("labels", Shape{std::ssize(numbers)}, numbers);
  std::vector<std::int64_t> originals;
  for (const auto& [label, begins] : found) originals.push_back(label);
  output.set_attribute("labels", "original_labels", std::span<const std::int64_t>(originals));
}

}  // namespace lucid
