#include "preview/volume_slices.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "data/array/axes.h"

namespace lucid {
namespace {

// A dataset of an HDF5 file.
class SlicedDataset : public PlaneSource {
 public:
  explicit SlicedDataset(hdf5::Array array) : array_(std::move(array)), shape_(array_.shape()) {}

  ElementType element() const override { return array_.element(); }
  const Shape& shape() const override { return shape_; }
  const std::string& place() const override { return array_.place(); }
  void read_stored(const hdf5::Region& region, std::span<std::byte> out) const override {
    array_.read_stored(region, out);
  }

 private:
  hdf5::Array array_;
  Shape shape_;
};

std::string usable_axes(const PlaneSource& array, const std::string& asked,
                        const std::string& stored) {
  const std::size_t rank = array.shape().rank();
  if (!asked.empty()) {
    const std::string error = axes_error(asked);
    if (!error.empty()) throw Error(ExitCode::kUsage, "--axes: " + error);
    if (asked.size() == rank) return plain_axes(asked);
    throw Error(ExitCode::kUsage, "--axes: expected " + std::to_string(rank) + " letters for " +
                                      array.place() + ", found " + in_quotes(asked));
  }
  if (stored.size() == rank && axes_error(stored).empty()) return plain_axes(stored);
  const std::string axes = rank == 4 ? "ndhw" : default_axes(rank);
  if (!axes.empty()) return axes;
  throw Error(ExitCode::kData, array.place() + ": expected a volume of 3 to 5 axes, found rank " +
                                   std::to_string(rank));
}

void check_index(const std::string& what, std::int64_t index, std::int64_t count,
                 const std::string& place) {
  if (index >= 0 && index < count) return;
  throw Error(ExitCode::kUsage, place + ": " + what + ": expected 0 to " +
                                    std::to_string(count - 1) + ", found " + std::to_string(index));
}

}  // namespace

SlicedVolume::SlicedVolume(hdf5::Array array, const Place& place, const std::string& stored_axes)
    : SlicedVolume(std::make_shared<SlicedDataset>(std::move(array)), place, stored_axes) {}

SlicedVolume::SlicedVolume(std::shared_ptr<const PlaneSource> array, const Place& place,
                           const std::string& stored_axes)
    : array_(std::move(array)),
      axes_(usable_axes(*array_, place.axes, stored_axes)),
      place_(place) {
  const Shape& shape = array_->shape();
  for (std::size_t axis = 0; axis < 3; ++axis)
    extents_[axis] = axis_extent(axes_, shape, "dhw"[axis]);
  channels_ = axis_extent(axes_, shape, 'c');
  samples_ = axis_extent(axes_, shape, 'n');
  if (!is_integer(array_->element())) threshold_ = 0.5f;
  check_index("sample", place.sample, samples_, array_->place());
  check_index("channel", place.channel, channels_, array_->place());
}

hdf5::Region SlicedVolume::region(const Triple& start, const Triple& count,
                                  std::int64_t channel) const {
  hdf5::Region box;
  for (const char axis : axes_) {
    const auto space = std::string_view("dhw").find(axis);
    const bool is_space = space != std::string_view::npos;
    box.start.push_back(is_space ? start[space] : axis == 'n' ? place_.sample : channel);
    box.count.push_back(is_space ? count[space] : 1);
  }
  return box;
}

std::vector<std::byte> SlicedVolume::read_stored(const hdf5::Region& box) const {
  std::vector<std::byte> stored(Shape(box.count).count() * element_bytes(array_->element()));
  array_->read_stored(box, stored);
  return stored;
}

std::vector<float> SlicedVolume::read_channel(const Triple& start, const Triple& count,
                                              std::int64_t channel) const {
  const hdf5::Region box = region(start, count, channel);
  const std::vector<std::byte> stored = read_stored(box);
  std::vector<float> values(Shape(box.count).count());
  gather_floats(array_->element(), stored.data(), sample_view(axes_, Shape(box.count), 0), values);
  return values;
}

// Floats cannot tell large instance numbers apart, so integers are read as such.
std::vector<std::int64_t> SlicedVolume::read_integers(const Triple& start,
                                                      const Triple& count) const {
  const hdf5::Region box = region(start, count, 0);
  const std::vector<std::byte> stored = read_stored(box);
  const VoxelView view = sample_view(axes_, Shape(box.count), 0);
  std::vector<std::int64_t> labels;
  labels.reserve(Shape(box.count).count());
  with_element(array_->element(), [&](auto element) {
    const auto* values = reinterpret_cast<const decltype(element)*>(stored.data());
    for (std::int64_t d = 0; d < count[0]; ++d)
      for (std::int64_t h = 0; h < count[1]; ++h)
        for (std::int64_t w = 0; w < count[2]; ++w) {
          const auto value =
              values[d * view.strides[1] + h * view.strides[2] + w * view.strides[3]];
          if constexpr (std::is_integral_v<decltype(element)>)
            if (!std::in_range<std::int64_t>(value))
              fail(array_->place(), "expected labels below 2^63, found " + std::to_string(value));
          labels.push_back(static_cast<std::int64_t>(value));
        }
  });
  return labels;
}

bool SlicedVolume::is_read_by_planes() const {
  const auto chunk = array_->chunk_extents();
  return !chunk.empty() && chunk[axes_.find('h')] == extents_[1] &&
         chunk[axes_.find('w')] == extents_[2];
}

std::vector<float> SlicedVolume::read(const Triple& start, const Triple& count) const {
  return read_channel(start, count, place_.channel);
}

std::vector<std::int64_t> SlicedVolume::read_labels(const Triple& start,
                                                    const Triple& count) const {
  if (channels_ == 1 && !threshold_) return read_integers(start, count);
  std::vector<float> best = read_channel(start, count, 0);
  std::vector<std::int64_t> labels(best.size(), 0);
  if (channels_ == 1) {
    for (std::size_t i = 0; i < best.size(); ++i) labels[i] = best[i] > *threshold_ ? 1 : 0;
    return labels;
  }
  for (std::int64_t channel = 1; channel < channels_; ++channel) {
    const std::vector<float> values = read_channel(start, count, channel);
    for (std::size_t i = 0; i < best.size(); ++i)
      if (values[i] > best[i]) {
        best[i] = values[i];
        labels[i] = channel;
      }
  }
  return labels;
}

}  // namespace lucid
