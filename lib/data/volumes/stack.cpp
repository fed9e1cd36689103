#include "data/volumes/stack.h"

#include <cassert>
#include <utility>

#include "base/memory.h"
#include "data/array/axes.h"

namespace lucid {
namespace {

void read_chunks(const ChunkedArray& array, const hdf5::Region& region, std::span<std::byte> out,
                 int threads) {
  if (threads == Stack::kThroughCache) return array.read_stored(region, out);
  array.read_stored(region, out, threads);
}

}  // namespace

Stack::Stack(std::filesystem::path file, std::string dataset, hdf5::Array array, std::string axes)
    : file_(std::move(file)),
      dataset_(std::move(dataset)),
      place_(array.place()),
      axes_(std::move(axes)),
      identity_(array.stored_identity()),
      element_(array.element()),
      type_(array.info().type),
      stored_(array.shape()),
      array_(std::move(array)) {}

Stack::Stack(std::filesystem::path file, std::shared_ptr<const PlaneSource> source,
             std::string axes)
    : file_(std::move(file)),
      place_(source->place()),
      axes_(std::move(axes)),
      identity_(file_.string()),
      element_(source->element()),
      type_(element_name(element_)),
      stored_(source->shape()),
      source_(std::move(source)) {}

std::size_t Stack::samples() const { return chosen_.empty() ? stored_samples() : chosen_.size(); }

std::size_t Stack::stored_samples() const {
  return static_cast<std::size_t>(axis_extent(axes_, stored_, 'n'));
}

Shape Stack::volume_shape() const {
  const auto extent = [this](char axis) { return axis_extent(axes_, stored_, axis); };
  return {extent('c'), extent('d'), extent('h'), extent('w')};
}

std::size_t Stack::source_files() const {
  if (chunked_) return chunked_->array().source_files();
  return array_ ? array_->source_files() : 0;
}

Triple Stack::extents() const {
  const Shape volume = volume_shape();
  return {volume[1], volume[2], volume[3]};
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

void Stack::use(ChunkCache& cache) {
  cache_ = &cache;
  if (!array_) return;
  chunked_.emplace(*std::move(array_), cache);
  array_.reset();
}

void Stack::close() {
  array_.reset();
  chunked_.reset();
}

void Stack::read_from_file(const hdf5::Region& region, std::span<std::byte> out,
                           int threads) const {
  if (source_ && threads != kThroughCache) return source_->read_shared(region, out, threads);
  if (source_) return source_->read_stored(region, out);
  if (chunked_) return read_chunks(*chunked_, region, out, threads);
  if (array_) return array_->read_stored(region, out);
  hdf5::Array array = hdf5::File(file_).open(dataset_);
  if (array.info().extents != stored_.extents() || array.info().element != element_)
    throw Error(ExitCode::kData, place_ + ": expected " + type_ + " of shape " + stored_.str() +
                                     " as when it was opened, found " + array.info().type +
                                     " of shape " + array.shape().str());
  if (cache_ == nullptr) return array.read_stored(region, out);
  read_chunks(ChunkedArray(std::move(array), *cache_), region, out, threads);
}

void Stack::load() const {
  naming_memory(place_, [&] {
    std::vector<std::byte> whole(stored_bytes());
    read_from_file({std::vector<std::int64_t>(stored_.rank(), 0), stored_.extents()}, whole, 1);
    memory_ = std::move(whole);
  });
}

hdf5::Region Stack::region_of(std::size_t sample) const {
  hdf5::Region region{std::vector<std::int64_t>(stored_.rank(), 0), stored_.extents()};
  if (const auto axis = axes_.find('n'); axis != std::string::npos) {
    region.start[axis] = static_cast<std::int64_t>(stored_sample(sample));
    region.count[axis] = 1;
  }
  return region;
}

hdf5::Region Stack::region_of(std::size_t sample, const Box& part) const {
  hdf5::Region region = region_of(sample);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto axis = axes_.find("dhw"[i]);
    assert(axis != std::string::npos);
    region.start[axis] = part.begin[i];
    region.count[axis] = part.size[i];
  }
  return region;
}

void Stack::read(std::size_t sample, std::span<float> out) const {
  if (!stays_in_memory_) return read_region(region_of(sample), out, kThroughCache);
  std::call_once(loaded_, [this] { load(); });
  gather_floats(element_, memory_.data(),
                sample_view(axes_, stored_, static_cast<std::int64_t>(stored_sample(sample))), out);
  merges_.merge(out);
}

void Stack::read(std::size_t sample, const Box& part, std::span<float> out, int threads) const {
  read_region(region_of(sample, part), out, threads);
}

void Stack::read_region(const hdf5::Region& region, std::span<float> out, int threads) const {
  const Shape part(region.count);
  thread_local std::vector<std::byte> stored;
  naming_memory(place_, [&] {
    stored.resize(part.count() * element_bytes(element_));
    read_from_file(region, stored, threads);
  });
  gather_floats(element_, stored.data(), sample_view(axes_, part, 0), out);
  merges_.merge(out);
}

}  // namespace lucid
