#include "data/synthetic/volume.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/rng.h"
#include "kernels/simd/clones.h"

namespace lucid {
namespace {

using Point = std::array<double, 3>;

constexpr std::int64_t kLeastVolumeSize = 16, kMostVolumeSize = 1 << 16, kMostClasses = 16;
constexpr std::int64_t kSlabDepth = 64;
constexpr std::size_t kWaves = 3;

struct Blob {
  Point center, radius;
  std::uint8_t label = 0;
};

// The positions of blobs and the waves of the background; a voxel depends on its position alone.
class Scene {
 public:
  explicit Scene(const VolumeOptions& options);

  void draw_labels(const hdf5::Region& region, std::span<std::uint8_t> labels) const;
  void draw_levels(const hdf5::Region& region, std::span<const std::uint8_t> labels,
                   std::span<float> levels) const;

 private:
  void draw(const Blob& blob, const hdf5::Region& region, std::span<std::uint8_t> labels) const;
  void draw_row(std::int64_t z, std::int64_t y, std::int64_t x, const std::uint8_t* labels,
                std::span<float> levels) const;

  const VolumeOptions& options_;
  std::vector<std::vector<Blob>> slabs_;  // blobs that intersect each slab, in one order
  std::array<std::array<std::vector<float>, 3>, kWaves> waves_;  // along each axis
};

Blob random_blob(const VolumeOptions& options, Rng& rng) {
  const auto shortest = static_cast<double>(std::ranges::min(options.set.size));
  const double largest = std::min(32.0, shortest / 16);
  Blob blob;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto extent = static_cast<double>(options.set.size[axis]);
    blob.radius[axis] = largest * (0.25 + 0.75 * rng.uniform());
    blob.center[axis] = blob.radius[axis] + (extent - 2 * blob.radius[axis]) * rng.uniform() - 0.5;
  }
  return blob;
}

double volume_of(const Blob& blob) {
  return 4 * std::numbers::pi / 3 * blob.radius[0] * blob.radius[1] * blob.radius[2];
}

Scene::Scene(const VolumeOptions& options) : options_(options) {
  const Triple& size = options.set.size;
  slabs_.resize(static_cast<std::size_t>((size[0] + kSlabDepth - 1) / kSlabDepth));
  Rng rng(options.set.seed, "volume/blobs");
  double left = options.coverage * static_cast<double>(size[0]) * static_cast<double>(size[1]) *
                static_cast<double>(size[2]);
  for (std::int64_t number = 0; left > 0; ++number) {
    Blob blob = random_blob(options, rng);
    blob.label = static_cast<std::uint8_t>(1 + number % (options.set.classes - 1));
    left -= volume_of(blob);
    const auto first = static_cast<std::int64_t>(std::max(0.0, blob.center[0] - blob.radius[0]));
    const auto last = std::min(
        size[0] - 1, static_cast<std::int64_t>(std::ceil(blob.center[0] + blob.radius[0])));
    for (std::int64_t slab = first / kSlabDepth; slab <= last / kSlabDepth; ++slab)
      slabs_[static_cast<std::size_t>(slab)].push_back(blob);
  }
  for (auto& wave : waves_)
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double turns = 1 + 3 * rng.uniform(), phase = rng.uniform();
      for (std::int64_t i = 0; i < size[axis]; ++i)
        wave[axis].push_back(static_cast<float>(
            std::cos(2 * std::numbers::pi *
                     (phase + turns * static_cast<double>(i) / static_cast<double>(size[axis])))));
    }
}

void Scene::draw(const Blob& blob, const hdf5::Region& region,
                 std::span<std::uint8_t> labels) const {
  const auto range = [&](std::size_t axis, double radius) {
    const double low = std::ceil(blob.center[axis] - radius);
    const double high = std::floor(blob.center[axis] + radius) + 1;
    const std::int64_t end = region.start[axis] + region.count[axis];
    const auto begin = std::max(region.start[axis], static_cast<std::int64_t>(low));
    return std::pair(begin, std::max(begin, std::min(end, static_cast<std::int64_t>(high))));
  };
  const auto square = [&](std::size_t axis, std::int64_t at) {
    const double part = (static_cast<double>(at) - blob.center[axis]) / blob.radius[axis];
    return part * part;
  };
  const auto [first_z, end_z] = range(0, blob.radius[0]);
  const auto [first_y, end_y] = range(1, blob.radius[1]);
  for (std::int64_t z = first_z; z < end_z; ++z)
    for (std::int64_t y = first_y; y < end_y; ++y) {
      const double left = 1 - square(0, z) - square(1, y);
      if (left <= 0) continue;
      const auto [first_x, end_x] = range(2, blob.radius[2] * std::sqrt(left));
      const std::int64_t row =
          ((z - region.start[0]) * region.count[1] + y - region.start[1]) * region.count[2] -
          region.start[2];
      std::fill(labels.begin() + row + first_x, labels.begin() + row + end_x, blob.label);
    }
}

void Scene::draw_labels(const hdf5::Region& region, std::span<std::uint8_t> labels) const {
  std::ranges::fill(labels, std::uint8_t{0});
  const std::int64_t last = region.start[0] + region.count[0] - 1;
  // A blob that intersects two slabs is drawn in both, in the same order among the blobs of a
  // voxel.
  for (std::int64_t slab = region.start[0] / kSlabDepth; slab <= last / kSlabDepth; ++slab) {
    hdf5::Region part = region;
    part.start[0] = std::max(region.start[0], slab * kSlabDepth);
    part.count[0] = std::min(last + 1, (slab + 1) * kSlabDepth) - part.start[0];
    const std::int64_t plane = region.count[1] * region.count[2];
    const auto planes =
        labels.subspan(static_cast<std::size_t>((part.start[0] - region.start[0]) * plane),
                       static_cast<std::size_t>(part.count[0] * plane));
    for (const Blob& blob : slabs_[static_cast<std::size_t>(slab)]) draw(blob, part, planes);
  }
}

LUCID_INLINE std::uint32_t scrambled(std::uint32_t h) {
  h = (h ^ (h >> 16)) * 0x7feb352dU;
  h = (h ^ (h >> 15)) * 0x846ca68bU;
  return h ^ (h >> 16);
}

// Adds noise with a deviation: the sum of four uniform values is close enough to normal here.
LUCID_CLONED(void, add_noise, (std::uint32_t key, float deviation, std::span<float> levels),
             (key, deviation, levels)) {
  const float scale =
      deviation / 37837.0F;  // the deviation of the sum of four values from 0 to 65535
  float* level = levels.data();
  const auto count = static_cast<std::uint32_t>(levels.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t a = scrambled(key + 2 * i), b = scrambled(key + 2 * i + 1);
    const std::uint32_t sum = (a & 0xffffU) + (a >> 16) + (b & 0xffffU) + (b >> 16);
    level[i] += scale * static_cast<float>(static_cast<std::int32_t>(sum) - 131070);
  }
}

void Scene::draw_row(std::int64_t z, std::int64_t y, std::int64_t x, const std::uint8_t* labels,
                     std::span<float> levels) const {
  constexpr float kGround = 0.2F, kSwing = 0.04F;
  const float step = 0.6F / static_cast<float>(options_.set.classes - 1);
  std::array<float, kWaves> factor{};
  for (std::size_t w = 0; w < kWaves; ++w)
    factor[w] = kSwing * waves_[w][0][static_cast<std::size_t>(z)] *
                waves_[w][1][static_cast<std::size_t>(y)];
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const std::size_t at = static_cast<std::size_t>(x) + i;
    float level = kGround + step * static_cast<float>(labels[i]);
    for (std::size_t w = 0; w < kWaves; ++w) level += factor[w] * waves_[w][2][at];
    levels[i] = level;
  }
  const std::uint64_t row = static_cast<std::uint64_t>(z * options_.set.size[1] + y);
  // The key belongs to the whole row, whichever part of it this is.
  const auto key = static_cast<std::uint32_t>(mixed(options_.set.seed ^ mixed(row)));
  if (options_.set.noise > 0)
    add_noise(key + 2 * static_cast<std::uint32_t>(x), static_cast<float>(options_.set.noise),
              levels);
}

void Scene::draw_levels(const hdf5::Region& region, std::span<const std::uint8_t> labels,
                        std::span<float> levels) const {
  const auto width = static_cast<std::size_t>(region.count[2]);
  std::size_t row = 0;
  for (std::int64_t z = 0; z < region.count[0]; ++z)
    for (std::int64_t y = 0; y < region.count[1]; ++y, row += width)
      draw_row(region.start[0] + z, region.start[1] + y, region.start[2], labels.data() + row,
               levels.subspan(row, width));
}

LUCID_CLONED(void, quantize, (const float* levels, std::size_t count, float high, std::uint8_t* to),
             (levels, count, high, to)) {
  for (std::size_t i = 0; i < count; ++i)
    to[i] = static_cast<std::uint8_t>(
        static_cast<std::int32_t>(high * std::min(1.0F, std::max(0.0F, levels[i])) + 0.5F));
}

LUCID_CLONED(void, quantize,
             (const float* levels, std::size_t count, float high, std::uint16_t* to),
             (levels, count, high, to)) {
  for (std::size_t i = 0; i < count; ++i)
    to[i] = static_cast<std::uint16_t>(
        static_cast<std::int32_t>(high * std::min(1.0F, std::max(0.0F, levels[i])) + 0.5F));
}

void store_levels(std::span<const float> levels, ElementType type, std::span<std::byte> out) {
  if (type == ElementType::kUint8)
    return quantize(levels.data(), levels.size(), 255, reinterpret_cast<std::uint8_t*>(out.data()));
  if (type == ElementType::kUint16)
    return quantize(levels.data(), levels.size(), 65535,
                    reinterpret_cast<std::uint16_t*>(out.data()));
  std::ranges::copy(std::as_bytes(levels), out.begin());
}

void expect(const std::string& option, std::int64_t low, std::int64_t high, std::int64_t found) {
  if (found < low || found > high)
    throw Error(ExitCode::kUsage, option + ": expected " + std::to_string(low) + " to " +
                                      std::to_string(high) + ", found " + std::to_string(found));
}

}  // namespace

void make_volume(hdf5::Writer& file, const VolumeOptions& options, const Advance& advance) {
  for (const std::int64_t size : options.set.size)
    expect("--size", kLeastVolumeSize, kMostVolumeSize, size);
  for (const std::int64_t size : options.chunk) expect("--chunk", 1, 1024, size);
  expect("--classes", 2, kMostClasses, options.set.classes);
  const Scene scene(options);
  const Shape shape{options.set.size[0], options.set.size[1], options.set.size[2]};
  const hdf5::Storage storage{.chunk = {options.chunk.begin(), options.chunk.end()},
                              .deflate = options.deflate};
  const std::size_t raw_bytes = shape.count() * element_bytes(options.type);
  const std::size_t total = raw_bytes + shape.count();
  const auto draw_raw = [&](const hdf5::Region& region, std::span<std::byte> out) {
    const std::size_t count = Shape(region.count).count();
    thread_local std::vector<std::uint8_t> labels;
    thread_local std::vector<float> levels;
    labels.resize(count);
    levels.resize(count);
    scene.draw_labels(region, labels);
    scene.draw_levels(region, labels, levels);
    store_levels(levels, options.type, out);
  };
  const auto draw_labels = [&](const hdf5::Region& region, std::span<std::byte> out) {
    scene.draw_labels(region, {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
  };
  write_in_chunks(file, {"raw", options.type, shape, storage}, options.threads, draw_raw,
                  [&](std::size_t done, std::size_t) { advance(done, total); });
  write_in_chunks(file, {"labels", ElementType::kUint8, shape, storage}, options.threads,
                  draw_labels,
                  [&](std::size_t done, std::size_t) { advance(raw_bytes + done, total); });
}

}  // namespace lucid
