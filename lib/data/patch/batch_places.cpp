#include "data/patch/batch_places.h"

#include <algorithm>
#include <mutex>
#include <vector>

namespace lucid {

struct BatchPlaces::Positions {
  std::mutex mutex;
  std::int64_t epoch = -1;
  std::vector<std::size_t> of_samples;
};

BatchPlaces::BatchPlaces(const SampleOrder& order, std::size_t batch_size, std::size_t samples)
    : order_(order),
      batch_size_(std::min(batch_size, samples)),
      samples_(samples),
      positions_(std::make_unique<Positions>()) {}
BatchPlaces::~BatchPlaces() = default;
BatchPlaces::BatchPlaces(BatchPlaces&&) noexcept = default;

BatchPlaces::Place BatchPlaces::place(std::int64_t epoch, std::size_t sample) const {
  const std::size_t at = position(epoch, sample), first = at / batch_size_ * batch_size_;
  return {at - first, std::min(batch_size_, samples_ - first)};
}

std::size_t BatchPlaces::position(std::int64_t epoch, std::size_t sample) const {
  if (!order_.shuffle) return sample;
  const std::lock_guard lock(positions_->mutex);
  if (positions_->epoch != epoch) {
    const std::vector<std::size_t> order = order_.of_epoch(epoch, samples_);
    positions_->of_samples.resize(samples_);
    for (std::size_t at = 0; at < samples_; ++at) positions_->of_samples[order[at]] = at;
    positions_->epoch = epoch;
  }
  return positions_->of_samples[sample];
}

}  // namespace lucid
