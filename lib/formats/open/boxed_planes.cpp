#include "formats/open/boxed_planes.h"

#include <algorithm>

#include "data/array/copy_box.h"

namespace lucid {
namespace {

constexpr std::size_t kKeptBytes = std::size_t{512} << 20;

}  // namespace

BoxedPlanes::BoxedPlanes(std::shared_ptr<const PlaneSource> planes, const std::string& axes)
    : planes_(std::move(planes)), d_(axes.find('d')), chunk_(planes_->shape().extents()) {
  for (std::size_t axis = 0; axis <= d_; ++axis) chunk_[axis] = 1;
}

void BoxedPlanes::read_stored(const hdf5::Region& region, std::span<std::byte> out) const {
  const Shape& whole = shape();
  const std::vector<std::int64_t> origin(whole.rank(), 0);
  const std::size_t bytes = whole.count() * element_bytes(element());
  if (bytes > kKeptBytes) return read_planes(region, out);
  {
    const std::scoped_lock lock(mutex_);
    if (kept_.empty()) {
      std::vector<std::byte> all(bytes);
      planes_->read_stored({origin, whole.extents()}, all);
      kept_ = std::move(all);
    }
  }
  copy_box(element_bytes(element()), region.count, kept_.data(), {whole.extents(), region.start},
           out.data(), {region.count, origin});
}

// Reads the planes one by one, and the part of each that lies in the box.
void BoxedPlanes::read_planes(const hdf5::Region& region, std::span<std::byte> out) const {
  hdf5::Region plane{std::vector<std::int64_t>(region.start.size(), 0), chunk_};
  std::vector<std::byte> stored(Shape(chunk_).count() * element_bytes(element()));
  std::vector<std::int64_t> from = region.start, count = region.count, to(region.start.size(), 0);
  for (std::size_t axis = 0; axis <= d_; ++axis) {
    from[axis] = 0;
    count[axis] = 1;
  }
  std::int64_t planes = 1;
  for (std::size_t axis = 0; axis <= d_; ++axis) planes *= region.count[axis];
  for (std::int64_t i = 0; i < planes; ++i) {
    std::int64_t rest = i;
    for (std::size_t axis = d_ + 1; axis-- > 0; rest /= region.count[axis]) {
      to[axis] = rest % region.count[axis];
      plane.start[axis] = region.start[axis] + to[axis];
    }
    planes_->read_stored(plane, stored);
    copy_box(element_bytes(element()), count, stored.data(), {chunk_, from}, out.data(),
             {region.count, to});
  }
}

}  // namespace lucid
