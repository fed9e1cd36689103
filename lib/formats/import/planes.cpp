#include "formats/import/planes.h"

#include <algorithm>

#include "data/array/axes.h"

namespace lucid {

Planes::Planes(const hdf5::Array& array, std::string axes, std::int64_t sample)
    : array_(array), axes_(std::move(axes)), sample_(sample), shape_(array.shape()) {
  channels_ = axis_extent(axes_, shape_, 'c');
  for (const char axis : {'d', 'h', 'w'}) space_.push_back(axis_extent(axes_, shape_, axis));
}

void Planes::read(std::int64_t first, std::int64_t count, std::span<std::byte> out) const {
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

void Planes::read_box(std::int64_t c, std::int64_t d, std::int64_t run,
                      std::span<std::byte> out) const {
  hdf5::Region box{std::vector<std::int64_t>(axes_.size(), 0), shape_.extents()};
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

}  // namespace lucid
