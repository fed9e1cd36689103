#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "data/chunks/box_grid.h"
#include "data/chunks/chunked_array.h"
#include "data/hdf5/links.h"

namespace lucid {

// Cuts a region of a dataset into the boxes that have to be read to see all its elements. A dataset
// may declare any size: where most of a region was never written, the boxes are the chunks that
// were, and all other elements are equal to the fill value.
class StoredParts {
 public:
  // Otherwise the boxes have about `bytes`. Throws Error(kData) if they are too many.
  StoredParts(const ChunkedArray& array, const hdf5::Region& region, std::size_t bytes,
              const hdf5::Interrupt& interrupt);

  std::int64_t count() const { return is_sparse_ ? std::ssize(chunks_) : grid_.count(); }
  hdf5::Region region(std::int64_t number) const;
  std::int64_t elements() const { return elements_; }  // of all boxes

  std::int64_t filled() const { return filled_; }  // the number of elements in no box
  const std::vector<std::byte>& fill_element() const { return fill_; }  // of one that is filled

 private:
  void find_chunks(const hdf5::Array& array, const hdf5::Interrupt& interrupt);
  void add_chunk(const std::vector<std::int64_t>& start);

  hdf5::Region region_;
  std::vector<std::int64_t> chunk_;
  BoxGrid grid_;
  bool is_sparse_ = false;
  std::vector<hdf5::Region> chunks_;
  std::int64_t elements_, filled_ = 0;
  std::vector<std::byte> fill_;
};

}  // namespace lucid
