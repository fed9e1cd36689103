#include "data/patch/reading.h"

#include <array>

namespace lucid {
namespace {

std::span<float> scratch(std::int64_t count) {
  thread_local std::vector<float> values;
  values.resize(static_cast<std::size_t>(count));
  return values;
}

// Returns, for each position of the window, the voxel of the part that it shows; -1 if none.
std::vector<std::int64_t> sources(const Box& part, const Box& window, std::size_t axis,
                                  PatchPadding padding) {
  std::vector<std::int64_t> from;
  for (std::int64_t i = 0; i < window.size[axis]; ++i) {
    const std::int64_t at = window.begin[axis] + i - part.begin[axis];
    from.push_back(padded_source(at, part.size[axis], padding));
  }
  return from;
}

void pad(std::span<const float> values, const Box& part, const Box& window, PatchPadding padding,
         std::span<float> out) {
  const std::array<std::vector<std::int64_t>, 3> from{sources(part, window, 0, padding),
                                                      sources(part, window, 1, padding),
                                                      sources(part, window, 2, padding)};
  const auto voxels = static_cast<std::size_t>(part.voxels());
  float* to = out.data();
  for (; !values.empty(); values = values.subspan(voxels))
    for (const std::int64_t d : from[0])
      for (const std::int64_t h : from[1]) {
        const float* row =
            d < 0 || h < 0 ? nullptr : values.data() + (d * part.size[1] + h) * part.size[2];
        for (const std::int64_t w : from[2]) *to++ = row == nullptr || w < 0 ? 0 : row[w];
      }
}

// Calls row(begin in the window, begin in the part, voxels of the part in the row).
template <class Row>
void walk_rows(const Box& window, const Box& part, const Row& row) {
  for (std::int64_t d = part.begin[0]; d < part.end(0); ++d)
    for (std::int64_t h = part.begin[1]; h < part.end(1); ++h)
      row(((d - window.begin[0]) * window.size[1] + h - window.begin[1]) * window.size[2] +
              part.begin[2] - window.begin[2],
          ((d - part.begin[0]) * part.size[1] + h - part.begin[1]) * part.size[2], part.size[2]);
}

// Writes `ignored` to the voxels of every channel that do not count.
void ignore_others(const PatchVolume& volume, const Patch& patch, float ignored,
                   std::span<float> out) {
  const Box part = overlap(patch.counted, volume.region);
  const Stack* mask = volume.stacks->mask.get();
  if (part == patch.window && mask == nullptr) return;
  const auto voxels = static_cast<std::size_t>(patch.window.voxels());
  thread_local std::vector<std::uint8_t> counts;
  counts.assign(voxels, 0);
  const std::span<float> valid = scratch(part.voxels());
  std::ranges::fill(valid, 1.0F);
  if (mask != nullptr) volume.grid.read_target(*mask, volume.sample, part, valid);
  walk_rows(patch.window, part, [&](std::int64_t at, std::int64_t from, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i)
      counts[static_cast<std::size_t>(at + i)] = valid[static_cast<std::size_t>(from + i)] != 0;
  });
  for (; !out.empty(); out = out.subspan(voxels))
    for (std::size_t i = 0; i < voxels; ++i)
      if (counts[i] == 0) out[i] = ignored;
}

}  // namespace

void read_patch(const PatchVolume& volume, const Box& window, const Normalization& normalization,
                PatchPadding padding, std::span<float> out) {
  const Box part = overlap(window, volume.region);
  const Shape::Extent channels = volume.stacks->volume_shape()[0];
  const std::span<float> values = part == window ? out : scratch(channels * part.voxels());
  volume.grid.read_inputs(*volume.stacks, volume.sample, part, normalization, values);
  if (part != window) pad(values, part, window, padding, out);
}

void read_patch_target(const PatchVolume& volume, const Patch& patch, PatchPadding padding,
                       std::optional<float> ignored, std::span<float> out) {
  const Stack& target = *volume.stacks->target;
  if (target.axes().find('d') == std::string::npos) return target.read(volume.sample, out);
  const Box part = overlap(patch.window, volume.region);
  if (part == patch.window) {
    volume.grid.read_target(target, volume.sample, part, out);
  } else {
    const std::int64_t channels = std::ssize(out) / patch.window.voxels();
    const std::span<float> values = scratch(channels * part.voxels());
    volume.grid.read_target(target, volume.sample, part, values);
    pad(values, part, patch.window, padding, out);
  }
  if (ignored) ignore_others(volume, patch, *ignored, out);
}

}  // namespace lucid
