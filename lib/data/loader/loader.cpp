#include "data/loader/loader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/stopwatch.h"
#include "data/loader/read_ahead.h"
#include "data/loader/sample_reader.h"
#include "data/volumes/sample_order.h"

namespace lucid {

class Loader::Worker {
 public:
  Worker(const Dataset& dataset, const LoaderOptions& options, Normalization normalization)
      : dataset_(dataset),
        options_(options),
        reader_(dataset, std::move(normalization), options),
        scratch_(std::max<std::size_t>(options.workers, 1)),
        ahead_({[this](std::size_t number, Batch& batch) { prepare(number, batch); },
                [this](Batch& batch, std::size_t sample, std::size_t worker) {
                  fill(batch, sample, scratch_[worker]);
                }},
               options.workers, depth_of(options, dataset.size())) {
    const std::size_t size = options_.batch_size, samples = dataset_.size();
    batches_ = options_.drop_last ? samples / size : (samples - 1) / size + 1;
    if (batches_ == 0)
      throw Error(ExitCode::kUsage, "/data/drop_last: expected at least one whole batch of " +
                                        std::to_string(size) + ", found " +
                                        std::to_string(samples) +
                                        " samples; lower batch_size or drop no batch");
  }

  std::size_t batches() const { return batches_; }
  double wait_seconds() const { return wait_seconds_; }

  void start(std::int64_t epoch, std::size_t first_batch, std::size_t end_batch) {
    ahead_.stop();
    epoch_ = epoch;
    order_ = SampleOrder{options_.shuffle, options_.seed}.of_epoch(epoch, dataset_.size());
    wait_seconds_ = 0;
    ahead_.start(first_batch, end_batch);
  }

  const Batch* next() {
    const Stopwatch watch;
    const Batch* batch = ahead_.next();
    wait_seconds_ += watch.seconds();
    return batch;
  }

  std::span<const Batch* const> peek(std::size_t count) {
    const Stopwatch watch;
    const auto batches = ahead_.peek(std::min(count, batches_));
    wait_seconds_ += watch.seconds();
    return batches;
  }

 private:
  // What is peeked at waits in memory while further batches are read.
  static std::size_t depth_of(const LoaderOptions& options, std::size_t samples) {
    if (options.prefetch == 0) return 0;
    const std::size_t peeked = std::min(options.peek, samples);  // it may be any large number
    return std::max(options.prefetch, options.workers) + std::max<std::size_t>(peeked, 1) - 1;
  }

  void prepare(std::size_t number, Batch& batch) const {
    const std::size_t begin = number * options_.batch_size;
    const std::size_t end = std::min(begin + options_.batch_size, order_.size());
    batch.size = end - begin;
    batch.samples.resize(batch.size * reader_.sample_shape().count());
    batch.targets.resize(batch.size * reader_.target_count());
    batch.indices.assign(order_.begin() + static_cast<std::ptrdiff_t>(begin),
                         order_.begin() + static_cast<std::ptrdiff_t>(end));
  }

  void fill(Batch& batch, std::size_t i, AugmentedSample& scratch) const {
    if (options_.is_wanted && !options_.is_wanted(i, batch.size)) return;
    const std::size_t voxels = reader_.sample_shape().count(), targets = reader_.target_count();
    reader_.read(epoch_, batch.indices[i], scratch,
                 std::span(batch.samples).subspan(i * voxels, voxels),
                 std::span(batch.targets).subspan(i * targets, targets));
  }

  const Dataset& dataset_;
  const LoaderOptions options_;
  const SampleReader reader_;
  std::size_t batches_ = 0;
  std::int64_t epoch_ = 0;
  std::vector<std::size_t> order_;
  double wait_seconds_ = 0;
  std::vector<AugmentedSample> scratch_;  // one per thread
  ReadAhead ahead_;                       // last, as its threads use all of the above
};

Loader::Loader(const Dataset& dataset, const LoaderOptions& options, Normalization normalization)
    : worker_(std::make_unique<Worker>(dataset, options, std::move(normalization))) {}
Loader::~Loader() = default;

std::size_t Loader::batches() const { return worker_->batches(); }
void Loader::start(std::int64_t epoch, std::size_t first_batch) {
  worker_->start(epoch, first_batch, worker_->batches());
}
void Loader::start_part(std::int64_t epoch, std::size_t first_batch, std::size_t end_batch) {
  worker_->start(epoch, first_batch, end_batch);
}
const Batch* Loader::next() { return worker_->next(); }
std::span<const Batch* const> Loader::peek(std::size_t count) { return worker_->peek(count); }
double Loader::wait_seconds() const { return worker_->wait_seconds(); }

}  // namespace lucid
