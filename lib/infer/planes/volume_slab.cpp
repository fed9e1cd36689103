#include "infer/planes/volume_slab.h"

#include <algorithm>
#include <cassert>

#include "data/array/box.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

// Returns how many planes to read at a time: those of whole chunks, or 1 (no multiple) if a chunk
// is deeper than a window.
std::int64_t planes_at_a_time(std::int64_t chunk, std::int64_t window) {
  constexpr std::int64_t kFew = 8;
  return chunk <= window ? std::max(chunk, std::min(kFew, window)) / chunk * chunk : 1;
}

// Returns the index in the volume of every voxel of a window along one axis; -1 where there is 0.
std::vector<std::int64_t> sources_of(const AxisWindows& axis, std::size_t window, bool turned,
                                     PatchPadding padding) {
  std::vector<std::int64_t> from(static_cast<std::size_t>(axis.window));
  for (std::int64_t i = 0; i < axis.window; ++i)
    from[static_cast<std::size_t>(turned ? axis.window - 1 - i : i)] =
        padded_source(axis.begin(window) + i, axis.extent, padding);
  return from;
}

bool is_run(const std::vector<std::int64_t>& places) {
  return places.front() >= 0 &&
         places.back() - places.front() + 1 == static_cast<std::int64_t>(places.size()) &&
         std::ranges::is_sorted(places);
}

template <class T>
void gather_row(const T* from, const std::vector<std::int64_t>& places, bool run,
                const Scaling& scaling, float* to) {
  const std::size_t count = places.size();
  if (run) {
    from += places.front();
    for (std::size_t i = 0; i < count; ++i) to[i] = scaling.of(static_cast<float>(from[i]));
    return;
  }
  for (std::size_t i = 0; i < count; ++i)
    to[i] = places[i] < 0 ? 0.0F : scaling.of(static_cast<float>(from[places[i]]));
}

}  // namespace

VolumeSlab::VolumeSlab(const SeenVolume& volume, const WindowGrid& grid, ChunkCache& cache)
    : grid_(grid), normalization_(volume.normalization), padding_(volume.padding) {
  std::int64_t channel = 0;
  for (const auto& stack : volume.stacks.inputs) {
    add_source(volume, *stack, channel, cache);
    channel += stack->volume_shape()[0];
  }
  const std::int64_t most = std::min(grid.axes[0].extent, grid.axes[0].window + chunk_planes_);
  for (Source& source : sources_)
    source.planes.reserve(static_cast<std::size_t>(most) * source.plane_bytes);
}

void VolumeSlab::add_source(const SeenVolume& volume, const Stack& stack,
                            std::int64_t first_channel, ChunkCache& cache) {
  Source source{
      std::make_unique<InputPlanes>(stack, volume.sample, volume.voxels.stored_region(), cache),
      nullptr,
      first_channel,
      ElementType::kFloat32,
      0,
      {}};
  if (const VolumeResampling* resampling = volume.voxels.resampling()) {
    source.resampled = std::make_unique<ResampledPlanes>(*source.stored, *resampling,
                                                         normalization_, first_channel);
    source.plane_bytes = static_cast<std::size_t>(source.stored->channels() * grid_.axes[1].extent *
                                                  grid_.axes[2].extent) *
                         sizeof(float);
  } else {
    source.element = source.stored->element();
    source.plane_bytes = source.stored->plane_bytes();
    chunk_planes_ = std::max(chunk_planes_,
                             planes_at_a_time(source.stored->chunk_planes(), grid_.axes[0].window));
  }
  sources_.push_back(std::move(source));
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
    const auto bytes = static_cast<std::ptrdiff_t>(source.plane_bytes);
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
  const auto count = static_cast<std::size_t>(end - begin) * source.plane_bytes;
  const std::span<std::byte> to =
      std::span(source.planes)
          .subspan(static_cast<std::size_t>(begin - begin_) * source.plane_bytes, count);
  if (!source.resampled) return source.stored->read(begin, end, to);
  source.resampled->read(begin, end, {reinterpret_cast<float*>(to.data()), count / sizeof(float)});
}

void VolumeSlab::gather(const WindowPlace& place, const Flips& flips,
                        std::span<float> window) const {
  const auto from = [&](std::size_t axis) {
    return sources_of(grid_.axes[axis], place[axis], flips[axis], padding_);
  };
  const std::vector<std::int64_t> z = from(0), y = from(1), x = from(2);
  const bool run = is_run(x);
  const std::int64_t height = grid_.axes[1].extent, width = grid_.axes[2].extent;
  const auto depth = static_cast<std::int64_t>(z.size());
  for (const Source& source : sources_)
    with_element(source.element, [&](auto element) {
      const auto* const voxels = reinterpret_cast<const decltype(element)*>(source.planes.data());
      const std::int64_t channels = source.stored->channels();
      parallel_for(channels * depth, [&](std::int64_t i) {
        const std::int64_t c = i / depth, plane = z[static_cast<std::size_t>(i % depth)];
        assert(plane < 0 || (plane >= begin_ && plane < end_));
        const auto* const rows =
            voxels + (std::max(plane - begin_, std::int64_t{0}) * channels + c) * height * width;
        const Scaling scaling =
            source.resampled ? Scaling{} : scaling_of(normalization_, source.first_channel + c);
        float* to = window.data() + (source.first_channel * depth + i) *
                                        static_cast<std::int64_t>(y.size() * x.size());
        for (const std::int64_t row : y) {
          if (plane < 0 || row < 0)
            std::fill_n(to, x.size(), 0.0F);
          else
            gather_row(rows + row * width, x, run, scaling, to);
          to += x.size();
        }
      });
    });
}

std::size_t VolumeSlab::bytes(const VolumeStacks& stacks, const VolumeGrid& voxels,
                              const AxisWindows& depth) {
  const Triple stored = voxels.stored_region().size, seen = voxels.region().size;
  const std::int64_t planes = std::min(depth.extent, 2 * depth.window);
  std::size_t bytes = 0;
  for (const auto& stack : stacks.inputs) {
    const auto element = stack->stored_bytes() / stack->stored().count();
    const std::int64_t channels = stack->volume_shape()[0];
    if (voxels.resampling() == nullptr) {
      bytes += static_cast<std::size_t>(planes * channels * stored[1] * stored[2]) * element;
      continue;
    }
    // Planes, what they are made of, and what that is made of.
    const VoxelTaps& d = voxels.resampling()->values()[0];
    const std::int64_t held = d.last_end(std::min(planes, d.to()) - 1) - d.first(0),
                       read = std::min(stored[0], depth.window);
    bytes +=
        static_cast<std::size_t>((planes + held) * channels * seen[1] * seen[2]) * sizeof(float) +
        static_cast<std::size_t>(read * channels * stored[1] * stored[2]) * element;
  }
  return bytes;
}

}  // namespace lucid
