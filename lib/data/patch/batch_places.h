#pragma once
// Private to this room.

#include <memory>

#include "data/volumes/sample_order.h"

namespace lucid {

// Knows where in its batch a sample is, as the loader makes the batches of an epoch.
class BatchPlaces {
 public:
  struct Place {
    std::size_t number, batch_size;  // the last batch of an epoch may be smaller
  };

  BatchPlaces(const SampleOrder& order, std::size_t batch_size, std::size_t samples);
  ~BatchPlaces();
  BatchPlaces(BatchPlaces&&) noexcept;

  Place place(std::int64_t epoch, std::size_t sample) const;  // thread-safe

 private:
  struct Positions;

  std::size_t position(std::int64_t epoch, std::size_t sample) const;

  SampleOrder order_;
  std::size_t batch_size_, samples_;
  std::unique_ptr<Positions> positions_;  // of the epoch that was asked for last
};

}  // namespace lucid
