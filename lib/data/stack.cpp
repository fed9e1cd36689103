#include "data/stack.h"

#include <utility>

#include "data/axes.h"

namespace lucid {

Stack::Stack(std::filesystem::path file, std::string dataset, hdf5::Array array, std::string axes)
    : file_(std::move(file)),
      dataset_(std::move(dataset)),
      place_(array.place()),
      axes_(std::move(axes)),
      element_(array.element()),
      type_(array.info().type),
      stored_(array.shape()),
      array_(std::move(array)) {}

std::size_t Stack::samples() const {
  return static_cast<std::size_t>(axis_extent(axes_, stored_, 'n'));
}

Shape Stack::volume_shape() const {
  const auto extent = [this](char axis) { return axis_extent(axes_, stored_, axis); };
  return {extent('c'), extent('d'), extent('h'), extent('w')};
}

Shape Stack::target_shape() const {
  std::vector<std::int64_t> extents;
  for (const char axis : {'c', 'd', 'h', 'w'})
    if (axes_.find(axis) != std::string::npos) extents.push_back(axis_extent(axes_, stored_, axis));
  return Shape(std::move(extents));
}

void Stack::keep_in_memory() {
  stays_in_memory_ = true;
  close();
}

void Stack::close() { array_.reset(); }

void Stack::read_from_file(const hdf5::Region& region, std::span<std::byte> out) const {
  if (array_) return array_->read_stored(region, out);
  const hdf5::Array array = hdf5::File(file_).open(dataset_);
  if (array.info().extents != stored_.extents() || array.info().element != element_)
    throw Error(ExitCode::kData, place_ + ": expected " + type_ + " of shape " + stored_.str() +
                                     " as when it was opened, found " + array.info().type +
                                     " of shape " + array.shape().str());
  array.read_stored(region, out);
}

void Stack::load() const {
  std::vector<std::byte> whole(stored_bytes());
  read_from_file({std::vector<std::int64_t>(stored_.rank(), 0), stored_.extents()}, whole);
  memory_ = std::move(whole);
}

void Stack::read(std::size_t sample, std::span<float> out) const {
  const auto index = static_cast<std::int64_t>(sample);
  if (stays_in_memory_) {
    std::call_once(loaded_, [this] { load(); });
    return gather_floats(element_, memory_.data(), sample_view(axes_, stored_, index), out);
  }
  hdf5::Region region{std::vector<std::int64_t>(stored_.rank(), 0), stored_.extents()};
  if (const auto axis = axes_.find('n'); axis != std::string::npos) {
    region.start[axis] = index;
    region.count[axis] = 1;
  }
  const Shape part(region.count);
  thread_local std::vector<std::byte> stored;
  stored.resize(part.count() * element_bytes(element_));
  read_from_file(region, stored);
  gather_floats(element_, stored.data(), sample_view(axes_, part, 0), out);
}

}  // namespace lucid
