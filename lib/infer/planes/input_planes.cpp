#include "infer/planes/input_planes.h"

#include <omp.h>

#include "data/array/axes.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

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

InputPlanes::InputPlanes(const Stack& stack, std::size_t sample, const Box& region,
                         ChunkCache& cache)
    : stack_(&stack), sample_(sample), region_(region), channels_(stack.volume_shape()[0]) {
  if (stack.source() == nullptr)
    array_.emplace(hdf5::File(stack.file()).open(stack.dataset()), cache);
  element_ = array_ ? array_->array().element() : stack.source()->element();
}

std::size_t InputPlanes::plane_bytes() const {
  return static_cast<std::size_t>(channels_ * region_.size[1] * region_.size[2]) *
         element_bytes(element_);
}

std::int64_t InputPlanes::chunk_planes() const {
  const auto chunk = array_ ? array_->chunk_extents() : stack_->source()->chunk_extents();
  return chunk.empty() ? 1 : chunk[stack_->axes().find('d')];
}

void InputPlanes::read(std::int64_t begin, std::int64_t end, std::span<std::byte> out) const {
  const std::string& axes = stack_->axes();
  const Shape& stored = stack_->stored();
  hdf5::Region region{std::vector<std::int64_t>(stored.rank(), 0), stored.extents()};
  const auto choose = [&](char letter, std::int64_t first, std::int64_t count) {
    const auto axis = axes.find(letter);
    if (axis == std::string::npos) return;
    region.start[axis] = first;
    region.count[axis] = count;
  };
  choose('n', static_cast<std::int64_t>(sample_), 1);
  choose('d', region_.begin[0] + begin, end - begin);
  choose('h', region_.begin[1], region_.size[1]);
  choose('w', region_.begin[2], region_.size[2]);
  const Shape part(region.count);
  std::vector<std::byte> buffer(part.count() * element_bytes(element_));
  if (array_)
    array_->read_stored(region, buffer, omp_get_max_threads());
  else
    stack_->source()->read_shared(region, buffer, omp_get_max_threads());
  to_planes(element_, buffer.data(), sample_view(axes, part, 0), out.data());
}

}  // namespace lucid
