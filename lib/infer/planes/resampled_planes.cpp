#include "infer/planes/resampled_planes.h"

#include <algorithm>
#include <cassert>

#include "data/resample/interpolate.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kFewPlanes = 8;  // read at a time, or those of a chunk

}  // namespace

ResampledPlanes::ResampledPlanes(const InputPlanes& input, const VolumeResampling& resampling,
                                 const Normalization& normalization, std::int64_t first_channel)
    : input_(input), resampling_(resampling) {
  for (std::int64_t channel = 0; channel < input.channels(); ++channel)
    scalings_.push_back(scaling_of(normalization, first_channel + channel));
}

std::size_t ResampledPlanes::plane() const {
  const Triple& extents = resampling_.extents();
  return static_cast<std::size_t>(input_.channels() * extents[1] * extents[2]);
}

void ResampledPlanes::read(std::int64_t begin, std::int64_t end, std::span<float> out) {
  const VoxelTaps& d = resampling_.values()[0];
  hold(d.first(begin), d.last_end(end - 1));
  const std::int64_t channels = input_.channels();
  const std::size_t part = plane() / static_cast<std::size_t>(channels);
  parallel_for((end - begin) * channels, [&](std::int64_t i) {
    const std::int64_t z = begin + i / channels, c = i % channels;
    std::vector<const float*> from;
    for (std::int64_t k = d.first(z); k < d.last_end(z); ++k)
      from.push_back(held_.data() + static_cast<std::size_t>((k - begin_) * channels + c) * part);
    combine_planes(d.weights(z), from, out.subspan(static_cast<std::size_t>(i) * part, part));
  });
}

// Planes that are not held yet are read in multiples of chunks, but for the first.
void ResampledPlanes::hold(std::int64_t begin, std::int64_t end) {
  if (begin >= end_) {
    held_.clear();
    begin_ = end_ = begin;
  }
  assert(begin >= begin_);
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(begin - begin_) *
                                                 static_cast<std::ptrdiff_t>(plane()));
  begin_ = begin;
  const std::int64_t chunk = std::max(input_.chunk_planes(), kFewPlanes);
  while (end_ < end) {
    const std::int64_t next = std::min((end_ / chunk + 1) * chunk, input_.region().size[0]);
    add(end_, next);
    end_ = next;
  }
}

void ResampledPlanes::add(std::int64_t begin, std::int64_t end) {
  const std::int64_t channels = input_.channels(), count = (end - begin) * channels;
  const Box& region = input_.region();
  const auto stored = static_cast<std::size_t>(region.size[1] * region.size[2]),
             made = plane() / static_cast<std::size_t>(channels), before = held_.size();
  std::vector<std::byte> bytes(static_cast<std::size_t>(end - begin) * input_.plane_bytes());
  input_.read(begin, end, bytes);
  held_.resize(before + static_cast<std::size_t>(count) * made);
  const Triple& extents = resampling_.extents();
  const PlanePart whole{
      resampling_.values()[1], resampling_.values()[2], Box{{0, 0, 0}, extents}, 0, 0,
      region.size[2]};
  with_element(input_.element(), [&](auto element) {
    const auto* const voxels = reinterpret_cast<const decltype(element)*>(bytes.data());
    parallel_for(count, [&](std::int64_t i) {
      const Scaling& scaling = scalings_[static_cast<std::size_t>(i % channels)];
      const auto* const from = voxels + static_cast<std::size_t>(i) * stored;
      std::vector<float> normalized(stored);
      for (std::size_t at = 0; at < stored; ++at)
        normalized[at] = scaling.of(static_cast<float>(from[at]));
      interpolate_plane(
          whole, normalized,
          std::span(held_).subspan(before + static_cast<std::size_t>(i) * made, made));
    });
  });
}

}  // namespace lucid
