#include "formats/zarr/zarr_stream.h"

#include <algorithm>

#include "base/machine/cores.h"

namespace lucid {
namespace {

// A slab has whole rows of chunks of about this size, at least one row. The rows of a wide volume
// may take more, but not without limit.
constexpr std::int64_t kSlabBytes = std::int64_t{32} << 20,
                       kMostSlabBytes = std::int64_t{512} << 20;
constexpr std::size_t kSharedChunkBytes = std::size_t{512} << 20;

}  // namespace

ZarrStream::ZarrStream(std::shared_ptr<const ZarrArray> array)
    : array_(std::move(array)), cache_(kSharedChunkBytes), threads_(usable_cores()) {
  const std::vector<std::int64_t>&extents = array_->extents(), &chunk = array_->chunk_extents();
  const auto element = static_cast<std::int64_t>(element_bytes(array_->element()));
  left_ = static_cast<std::uint64_t>(Shape(extents).elements() * element);
  std::int64_t row = static_cast<std::int64_t>(left_) / extents[0];
  for (;
       axis_ + 1 < extents.size() && row * std::min(chunk[axis_], extents[axis_]) > kMostSlabBytes;
       row /= extents[axis_]) {
    slabs_ *= extents[axis_];
    is_cached_ = is_cached_ || chunk[axis_] > 1;  // a chunk belongs to several slabs
    ++axis_;
  }
  rows_ = std::max<std::int64_t>(1, kSlabBytes / (row * chunk[axis_])) * chunk[axis_];
  rows_ = std::min(rows_, extents[axis_]);
  steps_ = (extents[axis_] + rows_ - 1) / rows_;
  slabs_ *= steps_;
}

hdf5::Region ZarrStream::slab(std::int64_t number) const {
  hdf5::Region region{std::vector<std::int64_t>(array_->extents().size(), 0), array_->extents()};
  region.start[axis_] = number % steps_ * rows_;
  region.count[axis_] = std::min(rows_, region.count[axis_] - region.start[axis_]);
  number /= steps_;
  for (std::size_t axis = axis_; axis-- > 0; number /= array_->extents()[axis]) {
    region.start[axis] = number % array_->extents()[axis];
    region.count[axis] = 1;
  }
  return region;
}

void ZarrStream::read_slab(std::span<std::byte> out) {
  array_->read(slab(next_), out, threads_, is_cached_ ? &cache_ : nullptr);
  ++next_;
}

std::size_t ZarrStream::read(std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size() && left_ > 0) {
    const std::span<std::byte> rest = out.subspan(done);
    std::size_t count = buffer_.size() - used_;
    if (count == 0) {
      const std::size_t bytes = Shape(slab(next_).count).count() * element_bytes(array_->element());
      if (rest.size() >= bytes) {
        read_slab(rest.first(bytes));
        done += bytes;
        left_ -= bytes;
        continue;
      }
      buffer_.resize(bytes);
      read_slab(buffer_);
      used_ = 0;
      count = bytes;
    }
    count = std::min(count, rest.size());
    std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(used_), count, rest.begin());
    used_ += count;
    done += count;
    left_ -= count;
  }
  return done;
}

}  // namespace lucid
