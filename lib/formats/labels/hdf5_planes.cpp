#include <algorithm>

#include "base/error.h"
#include "data/array/axes.h"
#include "data/chunks/chunked_array.h"
#include "formats/labels/stored_planes.h"

namespace lucid {
namespace {

// A slab is as deep as a chunk, so that no chunk is decoded twice, unless it gets larger than this.
constexpr std::int64_t kMostSlabBytes = std::int64_t{256} << 20;

// A volume of a dataset, read slab by slab along d by several threads.
class Hdf5Planes : public StoredPlanes {
 public:
  Hdf5Planes(const LabelSource& source, int threads)
      : axes_(source.axes),
        sample_(source.sample),
        threads_(threads),
        cache_(0),
        array_(opened(source, geometry_), cache_) {
    const Shape shape = array_.array().shape();
    place_ = array_.array().place();
    element_ = array_.array().element();
    extents_ = {axis_extent(axes_, shape, 'd'), axis_extent(axes_, shape, 'h'),
                axis_extent(axes_, shape, 'w')};
    const auto chunk = array_.chunk_extents();
    const std::int64_t depth = chunk.empty() ? extents_[0] : chunk[axes_.find('d')];
    const auto plane = extents_[1] * extents_[2] * static_cast<std::int64_t>(bytes());
    slab_planes_ =
        std::clamp<std::int64_t>(kMostSlabBytes / plane, 1, std::min(depth, extents_[0]));
  }

  void rewind() override { next_ = 0; }

  void read(std::span<std::byte> plane) override {
    if (next_ < begin_ || next_ >= begin_ + held_) read_slab(next_);
    const auto at = static_cast<std::size_t>(next_++ - begin_) * plane.size();
    std::copy_n(slab_.begin() + static_cast<std::ptrdiff_t>(at), plane.size(), plane.begin());
  }

  std::vector<std::string> warnings() override { return {}; }

 private:
  static hdf5::Array opened(const LabelSource& source, std::optional<Geometry>& geometry) {
    const hdf5::File file(source.file);
    hdf5::Array array = file.open(source.dataset);
    geometry = read_geometry(file, source.dataset);
    return array;
  }

  std::size_t bytes() const { return element_bytes(element_); }

  void read_slab(std::int64_t begin) {
    const Shape shape = array_.array().shape();
    hdf5::Region region{std::vector<std::int64_t>(shape.rank(), 0), shape.extents()};
    const auto narrow = [&](char axis, std::int64_t start, std::int64_t count) {
      const auto at = axes_.find(axis);
      if (at == std::string::npos) return;
      region.start[at] = start;
      region.count[at] = count;
    };
    narrow('n', sample_, 1);
    held_ = std::min(slab_planes_, extents_[0] - begin);
    begin_ = begin;
    narrow('d', begin, held_);
    slab_.resize(static_cast<std::size_t>(held_ * extents_[1] * extents_[2]) * bytes());
    std::string order = axes_;
    std::erase_if(order, [](char axis) { return axis == 'n' || axis == 'c'; });
    if (order == "dhw") return array_.read_stored(region, slab_, threads_);
    std::vector<std::byte> stored(slab_.size());
    array_.read_stored(region, stored, threads_);
    turn(stored, sample_view(axes_, Shape(region.count), 0));
  }

  // Brings the slab from another order of axes to d, h, w.
  void turn(std::span<const std::byte> stored, const VoxelView& view) {
    auto to = slab_.begin();
    for (std::int64_t d = 0; d < held_; ++d)
      for (std::int64_t h = 0; h < extents_[1]; ++h)
        for (std::int64_t w = 0; w < extents_[2]; ++w) {
          const std::int64_t from = d * view.strides[1] + h * view.strides[2] + w * view.strides[3];
          to = std::copy_n(stored.begin() + from * static_cast<std::int64_t>(bytes()), bytes(), to);
        }
  }

  std::string axes_;
  std::int64_t sample_;
  int threads_;
  ChunkCache cache_;
  ChunkedArray array_;
  std::int64_t slab_planes_ = 1, begin_ = 0, held_ = 0, next_ = 0;
  std::vector<std::byte> slab_;
};

}  // namespace

std::unique_ptr<StoredPlanes> open_hdf5_planes(const LabelSource& source, int threads) {
  return std::make_unique<Hdf5Planes>(source, threads);
}

}  // namespace lucid
