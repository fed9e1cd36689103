#include "train/step/gradient_exchange.h"

#include <algorithm>

#include "base/stopwatch.h"

namespace lucid {

GradientExchange::GradientExchange(Ranks& ranks, Parameters& parameters, bool overlaps)
    : ranks_(ranks), parameters_(parameters), overlaps_(overlaps && !ranks.is_alone()) {
  if (overlaps_) thread_ = std::thread([this] { serve(); });
}

GradientExchange::~GradientExchange() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    if (reduction_) ranks_.abandon();  // this rank gave up within a step
  }
  changed_.notify_all();
  thread_.join();
}

void GradientExchange::begin(std::size_t first, std::size_t count, bool is_last_of_step) {
  wait();
  const std::span<float> gradients = parameters_.gradients();
  first_ = first;
  count_ = count;
  is_last_of_step_ = is_last_of_step;
  std::tie(own_begin_, own_end_) = ranks_.share(count);
  ended_.assign(own_end_ - own_begin_, 0);
  sum_.begin(gradients.size(), !overlaps_);
  if (ranks_.is_alone()) return;
  block_sum_.begin(gradients.size());
  own_blocks_ = blocks_of(first + own_begin_, first + own_end_);
  std::vector<std::span<float>> own;
  for (std::size_t i = 0; i + 1 < own_blocks_.size(); ++i) {
    if (kept_.size() == i) kept_.push_back(allocate_storage(gradients.size_bytes()));
    own.emplace_back(reinterpret_cast<float*>(kept_[i].get()), gradients.size());
  }
  if (!own_blocks_.empty()) own.push_back(gradients);
  {
    const std::lock_guard lock(mutex_);
    reduction_.emplace(ranks_, sum_, std::move(own), first, count, is_last_of_step);
    buckets_ = buckets_of(gradients.size());
    ready_ = exchanged_ = 0;
  }
  if (own_blocks_.empty()) tell_ready(gradients.size());
}

void GradientExchange::completed(std::size_t i, std::size_t end) {
  std::size_t& ended = ended_[i - own_begin_];
  if (end <= ended) return;
  add(i, parameters_.gradients().subspan(ended, end - ended), ended);
  ended = end;
  if (!ranks_.is_alone() && i + 1 == own_end_) tell_ready(end);
}

// By itself, a process adds each shard to the step's tree; of several, each one first makes blocks.
void GradientExchange::add(std::size_t i, std::span<float> values, std::size_t begin) {
  const std::size_t number = first_ + i;
  if (ranks_.is_alone()) {
    if (is_last_of_step_ && i + 1 == count_) return sum_.finish(values, begin, number);
    return sum_.add(values, begin, number);
  }
  const auto block =
      std::ranges::find_if(own_blocks_, [number](const ShardBlock& b) { return number < b.end(); });
  const std::size_t before = number - block->first;
  if (number + 1 < block->end()) return block_sum_.add(values, begin, before);
  block_sum_.finish(values, begin, before);
  if (block + 1 == own_blocks_.end()) return;
  auto* const kept =
      reinterpret_cast<float*>(kept_[static_cast<std::size_t>(block - own_blocks_.begin())].get());
  std::ranges::copy(values, kept + begin);
}

void GradientExchange::tell_ready(std::size_t end) {
  {
    const std::lock_guard lock(mutex_);
    ready_ = end;
  }
  changed_.notify_all();
}

void GradientExchange::finish() { wait(); }

// Until all of the batch is exchanged.
void GradientExchange::wait() {
  if (!reduction_) return;
  const Stopwatch watch;
  if (!overlaps_) {
    for (const Bucket& bucket : buckets_) reduction_->run(bucket, parameters_.gradients());
    reduction_.reset();
  } else {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return failure_ || exchanged_ == buckets_.size(); });
    if (failure_) std::rethrow_exception(failure_);
    reduction_.reset();
  }
  wait_seconds_ += watch.seconds();
}

// In the thread that exchanges: bucket after bucket, as they become ready.
void GradientExchange::serve() {
  std::unique_lock lock(mutex_);
  try {
    for (;;) {
      changed_.wait(lock, [this] {
        const bool is_next_ready =
            reduction_ && exchanged_ < buckets_.size() && buckets_[exchanged_].end <= ready_;
        return is_over_ || is_next_ready;
      });
      if (is_over_) return;
      const Bucket next = buckets_[exchanged_];
      lock.unlock();
      reduction_->run(next, parameters_.gradients());
      lock.lock();
      ++exchanged_;
      changed_.notify_all();
    }
  } catch (...) {
    if (!lock.owns_lock()) lock.lock();
    failure_ = std::current_exception();
    changed_.notify_all();
  }
}

}  // namespace lucid
