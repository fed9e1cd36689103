#include "data/synthetic/synthetic.h"

#include <algorithm>
#include <cmath>

#include "data/synthetic/parts.h"

namespace lucid {
namespace {

constexpr std::int64_t kMostChannels = 256;
constexpr std::int64_t kMostBlobClasses = 16, kLeastSetSize = 8, kMostSetSize = 4096;

// A solid of about unit size around 0; its axis of symmetry is axis 0.
struct Solid {
  std::string name;
  bool (*holds)(const Point&);
};

const std::vector<Solid>& solids() {
  static const std::vector<Solid> kSolids = {
      {"sphere", [](const Point& p) { return length(p[0], length(p[1], p[2])) <= 1; }},
      {"cube",
       [](const Point& p) {
         return std::max({std::abs(p[0]), std::abs(p[1]), std::abs(p[2])}) <= 0.8;
       }},
      {"cylinder", [](const Point& p) { return std::abs(p[0]) <= 1 && length(p[1], p[2]) <= 0.5; }},
      {"torus", [](const Point& p) { return length(length(p[1], p[2]) - 0.7, p[0]) <= 0.3; }},
      {"cross",
       [](const Point& p) {
         std::array<double, 3> far{std::abs(p[0]), std::abs(p[1]), std::abs(p[2])};
         std::sort(far.begin(), far.end());
         return far[1] <= 0.25 && far[2] <= 1;
       }},
      {"cone",
       [](const Point& p) { return std::abs(p[0]) <= 1 && length(p[1], p[2]) <= (1 - p[0]) / 2; }},
      {"shell",
       [](const Point& p) {
         const double radius = length(p[0], length(p[1], p[2]));
         return radius <= 1 && radius >= 0.65;
       }},
      {"disc", [](const Point& p) { return std::abs(p[0]) <= 0.2 && length(p[1], p[2]) <= 1; }},
      {"octahedron",
       [](const Point& p) { return std::abs(p[0]) + std::abs(p[1]) + std::abs(p[2]) <= 1; }},
      {"tube", [](const Point& p) {
         const double radius = length(p[1], p[2]);
         return std::abs(p[0]) <= 1 && radius <= 0.6 && radius >= 0.3;
       }}};
  return kSolids;
}

Shape volumes_shape(const SyntheticOptions& options) {
  return {options.count, 1, options.size[0], options.size[1], options.size[2]};
}

std::uint8_t noisy_grey(double level, double noise, Rng& rng) {
  const double value = 255 * (level + (noise > 0 ? noise * rng.normal() : 0));
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
}

// A box of a size in voxels, entirely inside the volume.
struct Place {
  Point center, radius;
};

Place random_place(const Triple& size, double smallest, double largest, Rng& rng) {
  Place place{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto extent = static_cast<double>(size[axis]);
    place.radius[axis] = extent * between(rng, smallest, largest);
    place.center[axis] = between(rng, place.radius[axis], extent - place.radius[axis]) - 0.5;
  }
  return place;
}

void draw_solid(const Solid& solid, const SyntheticOptions& options, Rng& rng,
                std::span<std::uint8_t> voxels) {
  Place place = random_place(options.size, 0.2, 0.4, rng);
  const std::size_t axis = rng.below(3);
  const double direction = rng.below(2) == 0 ? 1.0 : -1.0;
  const double dark = between(rng, 0.1, 0.3), bright = between(rng, 0.6, 0.8);
  for_each_voxel(options.size, [&](std::size_t i, double z, double y, double x) {
    Point p{(z - place.center[0]) / place.radius[0], (y - place.center[1]) / place.radius[1],
            (x - place.center[2]) / place.radius[2]};
    std::swap(p[0], p[axis]);
    p[0] *= direction;
    voxels[i] = noisy_grey(solid.holds(p) ? bright : dark, options.noise, rng);
  });
}

void draw_blobs(const SyntheticOptions& options, Rng& rng, std::span<std::uint8_t> voxels,
                std::span<std::uint8_t> labels) {
  std::fill(labels.begin(), labels.end(), std::uint8_t{0});
  const std::int64_t blobs = 3 * (options.classes - 1);
  for (std::int64_t blob = 0; blob < blobs; ++blob) {
    const auto label = static_cast<std::uint8_t>(1 + blob % (options.classes - 1));
    const Place place = random_place(options.size, 0.08, 0.2, rng);
    for_each_voxel(options.size, [&](std::size_t i, double z, double y, double x) {
      const double distance = length(
          (z - place.center[0]) / place.radius[0],
          length((y - place.center[1]) / place.radius[1], (x - place.center[2]) / place.radius[2]));
      if (distance <= 1) labels[i] = label;
    });
  }
  const auto steps = static_cast<double>(options.classes - 1);
  for (std::size_t i = 0; i < voxels.size(); ++i)
    voxels[i] = noisy_grey(0.15 + 0.7 * labels[i] / steps, options.noise, rng);
}

}  // namespace

const std::vector<std::string>& shape_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const Solid& solid : solids()) names.push_back(solid.name);
    return names;
  }();
  return kNames;
}

const std::vector<std::string>& synthetic_kinds() {
  static const std::vector<std::string> kKinds = {"shapes", "blobs", "field"};
  return kKinds;
}

void make_synthetic(const std::string& kind, hdf5::Writer& file, const SyntheticOptions& options) {
  const std::int64_t most = kind == "shapes" ? std::ssize(solids()) : kMostBlobClasses;
  const auto refuse = [](const std::string& option, std::int64_t low, std::int64_t high,
                         std::int64_t found) {
    throw Error(ExitCode::kUsage, option + ": expected " + std::to_string(low) + " to " +
                                      std::to_string(high) + ", found " + std::to_string(found));
  };
  for (const std::int64_t size : options.size)
    if (size < kLeastSetSize || size > kMostSetSize)
      refuse("--size", kLeastSetSize, kMostSetSize, size);
  if (options.classes < 2 || options.classes > most) refuse("--classes", 2, most, options.classes);
  if (options.channels < 1 || options.channels > kMostChannels)
    refuse("--channels", 1, kMostChannels, options.channels);
  if (options.channels > 1 && kind != "field")
    throw Error(ExitCode::kUsage, "--channels: expected 1 for " + kind + ", found " +
                                      std::to_string(options.channels) + "; only field has more");
  if (kind == "shapes") make_shapes(file, options);
  if (kind == "blobs") make_blobs(file, options);
  if (kind == "field") make_field(file, options);
}

void create_volumes(hdf5::Writer& file, const std::string& path, ElementType type,
                    const Shape& shape, const SyntheticOptions& options) {
  hdf5::Storage storage{.deflate = options.deflate, .is_shuffled = element_bytes(type) > 1};
  if (options.chunk || options.deflate > 0) {
    const Triple chunk = options.chunk.value_or(options.size);
    storage.chunk.assign(shape.rank(), 1);
    std::ranges::copy(chunk, storage.chunk.end() - 3);
  }
  file.create(path, type, shape, storage);
}

void make_shapes(hdf5::Writer& file, const SyntheticOptions& options) {
  create_volumes(file, "volumes", ElementType::kUint8, volumes_shape(options), options);
  file.create("labels", ElementType::kUint8, Shape{options.count});
  std::vector<std::uint8_t> voxels(voxel_count(options.size));
  for (std::int64_t sample = 0; sample < options.count; ++sample) {
    const auto label = static_cast<std::uint8_t>(sample % options.classes);
    Rng rng = sample_rng("shapes", sample, options);
    draw_solid(solids()[label], options, rng, voxels);
    file.write_rows<std::uint8_t>("volumes", sample, voxels);
    file.write_rows<std::uint8_t>("labels", sample, {&label, 1});
  }
}

void make_blobs(hdf5::Writer& file, const SyntheticOptions& options) {
  const Triple& size = options.size;
  create_volumes(file, "volumes", ElementType::kUint8, volumes_shape(options), options);
  create_volumes(file, "labels", ElementType::kUint8,
                 Shape{options.count, size[0], size[1], size[2]}, options);
  std::vector<std::uint8_t> voxels(voxel_count(size)), labels(voxels.size());
  for (std::int64_t sample = 0; sample < options.count; ++sample) {
    Rng rng = sample_rng("blobs", sample, options);
    draw_blobs(options, rng, voxels, labels);
    file.write_rows<std::uint8_t>("volumes", sample, voxels);
    file.write_rows<std::uint8_t>("labels", sample, labels);
  }
}

}  // namespace lucid
