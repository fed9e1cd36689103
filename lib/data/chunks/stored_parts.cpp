#include "data/chunks/stored_parts.h"

#include <algorithm>

#include "base/text.h"

namespace lucid {
namespace {

using Extents = std::vector<std::int64_t>;

// Finding out what is stored costs more than reading less than this.
constexpr std::size_t kSmallBytes = std::size_t{256} << 20;
constexpr std::int64_t kMostBoxes = std::int64_t{1} << 24;

Extents chunk_of(const ChunkedArray& array) {
  const auto chunk = array.chunk_extents();
  if (chunk.empty()) return Extents(array.array().info().extents.size(), 1);
  return {chunk.begin(), chunk.end()};
}

// Returns whether the dataset can be read by chunks, or nothing of it was ever written.
bool may_be_sparse(const ChunkedArray& array) {
  const std::string& storage = array.array().info().storage;
  if (!array.chunk_extents().empty()) return true;
  return storage == "contiguous" && array.array().storage_bytes() == 0;
}

}  // namespace

StoredParts::StoredParts(const ChunkedArray& array, const hdf5::Region& region, std::size_t bytes,
                         const hdf5::Interrupt& interrupt)
    : region_(region),
      chunk_(chunk_of(array)),
      grid_(region, box_of_chunks(Shape(region.count), chunk_,
                                  element_bytes(array.array().element()), bytes)),
      elements_(Shape(region.count).elements()) {
  const std::size_t size = element_bytes(array.array().element());
  if (static_cast<std::size_t>(elements_) * size > kSmallBytes && may_be_sparse(array))
    find_chunks(array.array(), interrupt);
  if (count() > kMostBoxes)
    fail(array.array().place(), "expected at most " + with_thousands(kMostBoxes) +
                                    " parts to read, found " + with_thousands(count()));
}

void StoredParts::find_chunks(const hdf5::Array& array, const hdf5::Interrupt& interrupt) {
  const bool is_chunked = array.info().storage != "contiguous";
  const std::uint64_t stored = is_chunked ? hdf5::stored_chunk_count(array) : 0;
  const BoxGrid chunks(Shape(array.info().extents), chunk_);
  if (is_chunked && stored > static_cast<std::uint64_t>(chunks.count()) / 2) return;
  is_sparse_ = true;
  std::int64_t inside = 0;
  for (std::uint64_t i = 0; i < stored; ++i) {
    if (interrupt) interrupt();
    add_chunk(hdf5::stored_chunk_start(array, i));
  }
  for (const hdf5::Region& part : chunks_) inside += Shape(part.count).elements();
  filled_ = elements_ - inside;
  elements_ = inside;
  if (filled_ > 0) fill_ = hdf5::fill_value(array);
}

// Adds the part of a chunk that lies in the region.
void StoredParts::add_chunk(const Extents& start) {
  hdf5::Region part = region_;
  for (std::size_t axis = 0; axis < start.size(); ++axis) {
    const std::int64_t low = std::max(start[axis], region_.start[axis]);
    const std::int64_t high =
        std::min(start[axis] + chunk_[axis], region_.start[axis] + region_.count[axis]);
    if (high <= low) return;
    part.start[axis] = low;
    part.count[axis] = high - low;
  }
  chunks_.push_back(std::move(part));
}

hdf5::Region StoredParts::region(std::int64_t number) const {
  return is_sparse_ ? chunks_[static_cast<std::size_t>(number)] : grid_.region(number);
}

}  // namespace lucid
