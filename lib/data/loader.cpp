#include "data/loader.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <numeric>
#include <string>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/rng.h"
#include "base/stopwatch.h"

namespace lucid {

// Batches go from the thread to next() through `ready_` and come back through `spare_`.
class Loader::Worker {
 public:
  Worker(const Dataset& dataset, const LoaderOptions& options, Normalization normalization)
      : dataset_(dataset), options_(options), normalization_(std::move(normalization)) {
    const std::size_t size = options_.batch_size, samples = dataset_.size();
    batches_ = options_.drop_last ? samples / size : (samples - 1) / size + 1;
    if (batches_ == 0)
      throw Error(ExitCode::kUsage, "/data/drop_last: expected at least one whole batch of " +
                                        std::to_string(size) + ", found " +
                                        std::to_string(samples) +
                                        " samples; lower batch_size or drop no batch");
  }
  ~Worker() { stop(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  std::size_t batches() const { return batches_; }
  double wait_seconds() const { return wait_seconds_; }

  void start(std::int64_t epoch, std::size_t first_batch) {
    stop();
    order_ = order_of(epoch);
    position_ = first_batch;
    wait_seconds_ = 0;
    failure_ = nullptr;
    is_stopping_ = false;
    is_done_ = false;
    if (options_.prefetch > 0) thread_ = std::thread([this] { read_ahead(); });
  }

  const Batch* next() {
    const Stopwatch watch;
    const Batch* batch = options_.prefetch > 0 ? take() : read_now();
    wait_seconds_ += watch.seconds();
    return batch;
  }

 private:
  std::vector<std::size_t> order_of(std::int64_t epoch) const {
    if (options_.shuffle) {
      Rng rng(options_.seed, "order/" + std::to_string(epoch));
      return permutation(dataset_.size(), rng);
    }
    std::vector<std::size_t> order(dataset_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
  }

  void fill(Batch& batch, std::size_t number) const {
    const std::size_t begin = number * options_.batch_size;
    const std::size_t end = std::min(begin + options_.batch_size, order_.size());
    const Shape shape = dataset_.sample_shape();
    const std::size_t voxels = shape.count();
    const std::size_t targets = dataset_.has_targets() ? dataset_.target_shape().count() : 0;
    batch.size = end - begin;
    batch.samples.resize(batch.size * voxels);
    batch.targets.resize(batch.size * targets);
    batch.indices.assign(order_.begin() + static_cast<std::ptrdiff_t>(begin),
                         order_.begin() + static_cast<std::ptrdiff_t>(end));
    for (std::size_t i = 0; i < batch.size; ++i) {
      const auto sample = std::span(batch.samples).subspan(i * voxels, voxels);
      dataset_.read_sample(batch.indices[i], sample);
      normalization_.apply(sample, shape[0]);
      if (targets > 0)
        dataset_.read_target(batch.indices[i],
                             std::span(batch.targets).subspan(i * targets, targets));
    }
  }

  const Batch* read_now() {
    if (position_ >= batches_) return nullptr;
    fill(current_, position_++);
    return &current_;
  }

  void read_ahead() {
    try {
      for (; position_ < batches_; ++position_) {
        Batch batch;
        {
          std::unique_lock lock(mutex_);
          changed_.wait(lock, [&] { return is_stopping_ || ready_.size() < options_.prefetch; });
          if (is_stopping_) return;
          std::swap(batch, spare_);
        }
        fill(batch, position_);
        const std::scoped_lock lock(mutex_);
        ready_.push_back(std::move(batch));
        changed_.notify_all();
      }
    } catch (...) {
      const std::scoped_lock lock(mutex_);
      failure_ = std::current_exception();
    }
    const std::scoped_lock lock(mutex_);
    is_done_ = true;
    changed_.notify_all();
  }

  const Batch* take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return is_done_ || !ready_.empty(); });
    if (!ready_.empty()) {
      spare_ = std::exchange(current_, std::move(ready_.front()));
      ready_.pop_front();
      changed_.notify_all();
      return &current_;
    }
    if (failure_) std::rethrow_exception(failure_);
    return nullptr;
  }

  void stop() {
    {
      const std::scoped_lock lock(mutex_);
      is_stopping_ = true;
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
    ready_.clear();
    is_done_ = true;
  }

  const Dataset& dataset_;
  const LoaderOptions options_;
  const Normalization normalization_;
  std::size_t batches_ = 0;

  std::vector<std::size_t> order_;
  std::size_t position_ = 0;  // of the next batch to read
  double wait_seconds_ = 0;
  Batch current_;

  std::thread thread_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Batch> ready_;
  Batch spare_;
  std::exception_ptr failure_;
  bool is_stopping_ = false, is_done_ = true;
};

Loader::Loader(const Dataset& dataset, const LoaderOptions& options, Normalization normalization)
    : worker_(std::make_unique<Worker>(dataset, options, std::move(normalization))) {}
Loader::~Loader() = default;

std::size_t Loader::batches() const { return worker_->batches(); }
void Loader::start(std::int64_t epoch, std::size_t first_batch) {
  worker_->start(epoch, first_batch);
}
const Batch* Loader::next() { return worker_->next(); }
double Loader::wait_seconds() const { return worker_->wait_seconds(); }

}  // namespace lucid
