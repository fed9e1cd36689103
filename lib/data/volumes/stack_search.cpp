#include <cmath>

#include "base/text.h"
#include "data/array/axes.h"
#include "data/volumes/stack.h"

namespace lucid {
namespace {

template <class T>
std::string stored_text(T value) {
  if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);
  } else {
    const bool is_too_large = std::isfinite(value) && !std::isfinite(static_cast<float>(value));
    return number_text(value) + (is_too_large ? ", which float32 cannot hold" : "");
  }
}

// Calls visit(c, d, h, w) in row-major order until it returns true.
template <class Visit>
void walk(const std::array<std::int64_t, 4>& extents, const Visit& visit) {
  for (std::int64_t c = 0; c < extents[0]; ++c)
    for (std::int64_t d = 0; d < extents[1]; ++d)
      for (std::int64_t h = 0; h < extents[2]; ++h)
        for (std::int64_t w = 0; w < extents[3]; ++w)
          if (visit(std::array<std::int64_t, 4>{c, d, h, w})) return;
}

}  // namespace

std::optional<StoredValue> Stack::find_refused(std::size_t sample, const std::optional<Box>& part,
                                               const ValueRule& rule, const Stack* mask) const {
  const hdf5::Region region = part ? region_of(sample, *part) : region_of(sample);
  const Shape shape(region.count);
  std::vector<std::byte> stored(shape.count() * element_bytes(element_));
  read_from_file(region, stored, kThroughCache);
  const VoxelView view = sample_view(axes_, shape, 0);
  const Box box =
      part ? *part : Box{{0, 0, 0}, {view.extents[1], view.extents[2], view.extents[3]}};
  std::vector<float> valid;
  if (mask != nullptr) {
    valid.resize(static_cast<std::size_t>(box.voxels()));
    mask->read(sample, box, valid);
  }
  std::optional<StoredValue> found;
  with_element(element_, [&](auto element) {
    const auto* const first =
        reinterpret_cast<const decltype(element)*>(stored.data()) + view.offset;
    walk(view.extents, [&](const std::array<std::int64_t, 4>& at) {
      const auto voxel =
          static_cast<std::size_t>((at[1] * box.size[1] + at[2]) * box.size[2] + at[3]);
      const auto value = first[at[0] * view.strides[0] + at[1] * view.strides[1] +
                               at[2] * view.strides[2] + at[3] * view.strides[3]];
      const auto merged = merges_.find(value);
      const bool is_refused = merged ? rule.refuses(*merged) : rule.refuses(value);
      if (!is_refused || (!valid.empty() && valid[voxel] == 0)) return false;
      found = {place_of(sample, box, at), stored_text(value)};
      return true;
    });
  });
  return found;
}

std::string Stack::place_of(std::size_t sample, const Box& part,
                            const std::array<std::int64_t, 4>& at) const {
  const bool has_voxels = axes_.find('d') != std::string::npos;
  std::string text = place_;
  if (axes_.find('n') != std::string::npos)
    text += ", sample " + std::to_string(stored_sample(sample));
  if (axis_extent(axes_, stored_, 'c') > 1)
    text += (has_voxels ? ", channel " : ", value ") + std::to_string(at[0]);
  if (!has_voxels) return text;
  for (std::size_t axis = 0; axis < 3; ++axis)
    text += (axis == 0 ? ", voxel (" : ", ") + std::to_string(part.begin[axis] + at[axis + 1]);
  return text + ")";
}

}  // namespace lucid
