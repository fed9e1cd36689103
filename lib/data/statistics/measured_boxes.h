#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "data/chunks/stored_parts.h"
#include "data/statistics/statistics.h"

namespace lucid {

// The elements that statistics are made of, in boxes. A pass reads every box once.
class MeasuredBoxes {
 public:
  virtual ~MeasuredBoxes() = default;

  virtual ElementType element() const = 0;
  virtual std::int64_t count() const = 0;     // of boxes
  virtual std::int64_t elements() const = 0;  // of all boxes
  // The number of elements that are in no box, and one of them: all of these are equal.
  virtual std::int64_t filled() const { return 0; }
  virtual std::span<const std::byte> fill_element() const { return {}; }

  virtual void begin() = 0;  // a pass
  // Reads a box that no other call of the pass has read, and returns its number: the order of the
  // numbers is that of the elements. Called from any thread, count() times a pass.
  virtual std::int64_t next(std::vector<std::byte>& values) = 0;
};

// A region of a dataset of an HDF5 file, whose boxes are read in parallel. The array must outlive
// it.
class DatasetBoxes : public MeasuredBoxes {
 public:
  DatasetBoxes(const ChunkedArray& array, const hdf5::Region& region, std::size_t box_bytes,
               const hdf5::Interrupt& interrupt)
      : array_(array), parts_(array, region, box_bytes, interrupt) {}

  ElementType element() const override { return array_.array().element(); }
  std::int64_t count() const override { return parts_.count(); }
  std::int64_t elements() const override { return parts_.elements(); }
  std::int64_t filled() const override { return parts_.filled(); }
  std::span<const std::byte> fill_element() const override { return parts_.fill_element(); }
  void begin() override { next_ = 0; }
  std::int64_t next(std::vector<std::byte>& values) override;

 private:
  const ChunkedArray& array_;
  StoredParts parts_;
  std::atomic<std::int64_t> next_ = 0;
};

// measure_statistics() of all elements.
Statistics measure_boxes(MeasuredBoxes& boxes, std::span<const double> percentiles, int threads,
                         const Advance& advance);

}  // namespace lucid
