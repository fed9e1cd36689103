#include "infer/tiled/volume_slab.h"

#include <omp.h>

#include <algorithm>
#include <cassert>
#include <limits>

#include "data/array/axes.h"
#include "data/array/box.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

// Returns how many planes to read at a time: those of whole chunks, or 1 (no multiple) if a chunk
// is deeper than a window.
std::int64_t planes_at_a_time(const std::optional<ChunkedArray>& array, const std::string& axes,
                              std::int64_t window) {
  const auto chunk = array ? array->chunk_extents() : std::span<const std::int64_t>();
  const std::int64_t planes = chunk.empty() ? 1 : chunk[axes.find('d')];
  constexpr std::int64_t kFew = 8;
  return planes <= window ? std::max(planes, std::min(kFew, window)) / planes * planes : 1;
}

// Returns the index in the volume of every voxel of a window along one axis.
std::vector<std::int64_t> sources_of(const AxisWindows& axis, std::size_t window, bool turned) {
  std::vector<std::int64_t> from(static_cast<std::size_t>(axis.window));
  for (std::int64_t i = 0; i < axis.window; ++i)
    from[static_cast<std::size_t>(turned ? axis.window - 1 - i : i)] =
        mirrored(axis.begin(window) + i, axis.extent);
  return from;
}

bool is_run(const std::vector<std::int64_t>& places) {
  return places.back() - places.front() + 1 == static_cast<std::int64_t>(places.size()) &&
         std::ranges::is_sorted(places);
}

struct Scaling {
  float mean = 0, std = 1;
  float min = -std::numeric_limits<float>::infinity();
  float max = std::numeric_limits<float>::infinity();

  // Computes the same as Normalization::apply().
  float of(float x) const { return (std::min(std::max(x, min), max) - mean) / std; }
};

template <class T>
void gather_row(const T* from, const std::vector<std::int64_t>& places, bool run,
                const Scaling& scaling, float* to) {
  const std::size_t count = places.size();
  if (run) {
    from += places.front();
    for (std::size_t i = 0; i < count; ++i) to[i] = scaling.of(static_cast<float>(from[i]));
    return;
  }
  for (std::size_t i = 0; i < count; ++i) to[i] = scaling.of(static_cast<float>(from[places[i]]));
}

Scaling scaling_of(const Normalization& normalization, std::int64_t channel) {
  if (normalization.is_empty()) return {};
  const auto of = [&](const std::vector<float>& list) {
    return list.size() == 1 ? list[0] : list[static_cast<std::size_t>(channel)];
  };
  Scaling scaling{.mean = of(normalization.mean), .std = of(normalization.std)};
  if (!normalization.min.empty()) scaling.min = of(normalization.min);
  if (!normalization.max.empty()) scaling.max = of(normalization.max);
  return scaling;
}

// Copies elements stored in any order of axes to (D, C, H, W).
void to_planes(ElementType type, const std::byte* stored, const VoxelView& view, std::byte* out) {
  with_element(type, [&](auto element) {
    using T = decltype(element);
    const T* const from = reinterpret_cast<const T*>(stored) + view.offset;
    T* const to = reinterpret_cast<T*>(out);
    parallel_for(view.extents[1] * view.extents[0], [&](std::int64_t i) {
      const std::int64_t d = i / view.extents[0], c = i % view.extents[0];
      const T* const plane = from + c * view.strides[0] + d * view.strides[1];
      T* row = to + i * view.extents[2] * view.extents[3];
      for (std::int64_t h = 0; h < view.extents[2]; ++h, row += view.extents[3])
        for (std::int64_t w = 0; w < view.extents[3]; ++w)
          row[w] = plane[h * view.strides[2] + w * view.strides[3]];
    });
  });
}

}  // namespace

std::size_t VolumeSlab::Source::plane_bytes() const {
  const Shape volume = stack->volume_shape();
  return static_cast<std::size_t>(channels * volume[2] * volume[3]) * element_bytes(element);
}

VolumeSlab::VolumeSlab(const VolumeStacks& stacks, std::size_t sample, const WindowGrid& grid,
                       ChunkCache& cache)
    : sample_(sample), grid_(grid) {
  std::int64_t channel = 0;
  for (const auto& stack : stacks.inputs) {
    const std::int64_t channels = stack->volume_shape()[0];
    Source source{{}, stack.get(), ElementType::kUint8, channels, channel, {}};
    if (stack->source() == nullptr)
      source.array.emplace(hdf5::File(stack->file()).open(stack->dataset()), cache);
    source.element = source.array ? source.array->array().element() : stack->source()->element();
    sources_.push_back(std::move(source));
    channel += channels;
    chunk_planes_ = std::max(
        chunk_planes_, planes_at_a_time(sources_.back().array, stack->axes(), grid.axes[0].window));
  }
  const std::int64_t most = std::min(grid.axes[0].extent, grid.axes[0].window + chunk_planes_);
  for (Source& source : sources_)
    source.planes.reserve(static_cast<std::size_t>(most) * source.plane_bytes());
}

void VolumeSlab::read_for(std::size_t depth) {
  const AxisWindows& axis = grid_.axes[0];
  const std::int64_t begin = std::max<std::int64_t>(0, axis.begin(depth)),
                     end = std::min(axis.extent, axis.begin(depth) + axis.window);
  const std::int64_t whole =
      std::min(axis.extent, (end + chunk_planes_ - 1) / chunk_planes_ * chunk_planes_);
  if (begin > end_) begin_ = end_ = begin / chunk_planes_ * chunk_planes_;  // the run was resumed
  const std::int64_t kept = std::min(begin, end_);
  for (Source& source : sources_) {
    auto& planes = source.planes;
    const auto bytes = static_cast<std::ptrdiff_t>(source.plane_bytes());
    planes.erase(planes.begin(), planes.begin() + (kept - begin_) * bytes);
    planes.resize(static_cast<std::size_t>((std::max(end_, whole) - kept) * bytes));
  }
  begin_ = kept;
  while (end_ < whole) {
    const std::int64_t next =
        chunk_planes_ == 1 ? whole : std::min(whole, (end_ / chunk_planes_ + 1) * chunk_planes_);
    for (Source& source : sources_) read_planes(source, end_, next);
    end_ = next;
  }
}

void VolumeSlab::read_planes(Source& source, std::int64_t begin, std::int64_t end) const {
  const std::string& axes = source.stack->axes();
  const Shape& stored = source.stack->stored();
  hdf5::Region region{std::vector<std::int64_t>(stored.rank(), 0), stored.extents()};
  const auto choose = [&](char letter, std::int64_t first, std::int64_t count) {
    const auto axis = axes.find(letter);
    if (axis == std::string::npos) return;
    region.start[axis] = first;
    region.count[axis] = count;
  };
  choose('n', static_cast<std::int64_t>(sample_), 1);
  choose('d', begin, end - begin);
  const ElementType type = source.element;
  const Shape part(region.count);
  std::vector<std::byte> buffer(part.count() * element_bytes(type));
  if (source.array)
    source.array->read_stored(region, buffer, omp_get_max_threads());
  else
    source.stack->source()->read_stored(region, buffer);
  to_planes(type, buffer.data(), sample_view(axes, part, 0),
            source.planes.data() + static_cast<std::size_t>(begin - begin_) * source.plane_bytes());
}

void VolumeSlab::gather(const WindowPlace& place, const Flips& flips,
                        const Normalization& normalization, std::span<float> window) const {
  const auto from = [&](std::size_t axis) {
    return sources_of(grid_.axes[axis], place[axis], flips[axis]);
  };
  const std::vector<std::int64_t> z = from(0), y = from(1), x = from(2);
  const bool run = is_run(x);
  const std::int64_t height = grid_.axes[1].extent, width = grid_.axes[2].extent;
  const auto depth = static_cast<std::int64_t>(z.size());
  for (const Source& source : sources_)
    with_element(source.element, [&](auto element) {
      const auto* const voxels = reinterpret_cast<const decltype(element)*>(source.planes.data());
      parallel_for(source.channels * depth, [&](std::int64_t i) {
        const std::int64_t c = i / depth, plane = z[static_cast<std::size_t>(i % depth)];
        assert(plane >= begin_ && plane < end_);
        const auto* const rows = voxels + ((plane - begin_) * source.channels + c) * height * width;
        const Scaling scaling = scaling_of(normalization, source.first_channel + c);
        float* to = window.data() + (source.first_channel * depth + i) *
                                        static_cast<std::int64_t>(y.size() * x.size());
        for (const std::int64_t row : y) {
          gather_row(rows + row * width, x, run, scaling, to);
          to += x.size();
        }
      });
    });
}

std::size_t VolumeSlab::bytes(const VolumeStacks& stacks, const AxisWindows& depth) {
  std::size_t plane = 0;
  for (const auto& stack : stacks.inputs) {
    const Shape volume = stack->volume_shape();
    plane += stack->stored_bytes() / (stack->samples() * static_cast<std::size_t>(volume[1]));
  }
  return plane * static_cast<std::size_t>(std::min(depth.extent, 2 * depth.window));
}

}  // namespace lucid
