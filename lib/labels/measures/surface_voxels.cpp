#include "labels/measures/surface_voxels.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace lucid {
namespace {

constexpr Label kOutside = -1;

}  // namespace

SurfaceVoxels::SurfaceVoxels(const Triple& extents) : extents_(extents) {
  const auto voxels = static_cast<std::size_t>(extents[1] * extents[2]);
  before_.assign(voxels, kOutside);
  outside_.assign(voxels, kOutside);
  plane_.resize(voxels);
  marks_.resize(voxels);
}

void SurfaceVoxels::add(std::span<const Label> plane) {
  if (planes_ > 0) {
    find(before_, plane_, plane, planes_ - 1);
    std::swap(before_, plane_);
  }
  std::copy(plane.begin(), plane.end(), plane_.begin());
  if (++planes_ == extents_[0]) find(before_, plane_, outside_, planes_ - 1);
}

void SurfaceVoxels::find(std::span<const Label> before, std::span<const Label> plane,
                         std::span<const Label> after, std::int64_t d) {
  for (std::int64_t h = 0; h < extents_[1]; ++h) mark_row(before, plane, after, h);
  const auto voxels = static_cast<std::int64_t>(plane.size());
  Label last = 0;
  VoxelIndices* found = nullptr;
  for (std::size_t i = 0; i < plane.size(); ++i) {
    const void* next = std::memchr(&marks_[i], 1, plane.size() - i);
    if (next == nullptr) break;
    i = static_cast<std::size_t>(static_cast<const std::uint8_t*>(next) - marks_.data());
    if (found == nullptr || plane[i] != last) found = &voxels_[last = plane[i]];
    found->push_back(d * voxels + static_cast<std::int64_t>(i));
    ++count_;
  }
}

void SurfaceVoxels::mark_row(std::span<const Label> before, std::span<const Label> plane,
                             std::span<const Label> after, std::int64_t h) {
  const auto width = static_cast<std::size_t>(extents_[2]);
  const std::size_t begin = static_cast<std::size_t>(h) * width;
  const Label* row = &plane[begin];
  const Label* up = h == 0 ? outside_.data() : row - width;
  const Label* down = h + 1 == extents_[1] ? outside_.data() : row + width;
  const Label *front = &before[begin], *back = &after[begin];
  std::uint8_t* marks = &marks_[begin];
  for (std::size_t w = 0; w < width; ++w) {
    const Label differs =
        (row[w] ^ up[w]) | (row[w] ^ down[w]) | (row[w] ^ front[w]) | (row[w] ^ back[w]);
    marks[w] = row[w] != 0 && differs != 0;
  }
  for (std::size_t w = 1; w < width; ++w) {
    marks[w] |= std::uint8_t{row[w] != 0 && row[w] != row[w - 1]};
    marks[w - 1] |= std::uint8_t{row[w - 1] != 0 && row[w] != row[w - 1]};
  }
  marks[0] |= std::uint8_t{row[0] != 0};
  marks[width - 1] |= std::uint8_t{row[width - 1] != 0};
}

}  // namespace lucid
