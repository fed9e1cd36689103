#include "data/loader/read_ahead.h"

#include <system_error>
#include <utility>

#include "base/error.h"

namespace lucid {

ReadAhead::ReadAhead(Work work, std::size_t threads, std::size_t depth)
    : work_(std::move(work)), threads_(depth == 0 ? 0 : threads), depth_(depth) {}

void ReadAhead::start(std::size_t first, std::size_t end) {
  stop();
  position_ = first;
  end_ = end;
  is_stopping_ = false;
  for (std::size_t worker = 0; worker < threads_; ++worker) try {
      running_.emplace_back([this, worker] { run(worker); });
    } catch (const std::system_error& error) {  // fewer threads read the same batches
      if (!running_.empty()) break;
      throw Error(ExitCode::kFailed,
                  std::string("no thread can be started to read ahead: ") + error.what());
    }
}

void ReadAhead::stop() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
    changed_.notify_all();
  }
  for (std::thread& thread : running_) thread.join();
  running_.clear();
  slots_.clear();
  position_ = end_ = 0;
}

const Batch* ReadAhead::next() {
  fill_now(1);
  std::unique_lock lock(mutex_);
  changed_.wait(lock,
                [&] { return slots_.empty() ? position_ >= end_ : slots_.front().is_finished(); });
  if (slots_.empty()) return nullptr;
  if (slots_.front().failure) std::rethrow_exception(slots_.front().failure);
  spare_.push_back(std::exchange(current_, std::move(slots_.front().batch)));
  slots_.pop_front();
  changed_.notify_all();
  return &current_;
}

std::span<const Batch* const> ReadAhead::peek(std::size_t count) {
  fill_now(count);
  peeked_.clear();
  std::unique_lock lock(mutex_);
  for (std::size_t i = 0; i < count; ++i) {
    changed_.wait(lock,
                  [&] { return i < slots_.size() ? slots_[i].is_finished() : position_ >= end_; });
    if (i >= slots_.size()) break;
    if (slots_[i].failure) std::rethrow_exception(slots_[i].failure);
    peeked_.push_back(&slots_[i].batch);
  }
  return peeked_;
}

// Without threads: fills slots until there are `count`, or none is left to fill.
void ReadAhead::fill_now(std::size_t count) {
  while (threads_ == 0 && slots_.size() < count && position_ < end_) {
    Slot slot;
    slot.batch = spare();
    work_.prepare(position_++, slot.batch);
    for (std::size_t sample = 0; sample < slot.batch.size; ++sample)
      work_.fill(slot.batch, sample, 0);
    slot.claimed = slot.finished = slot.batch.size;
    slots_.push_back(std::move(slot));
  }
}

Batch ReadAhead::spare() {
  if (spare_.empty()) return {};
  Batch batch = std::move(spare_.back());
  spare_.pop_back();
  return batch;
}

void ReadAhead::run(std::size_t worker) {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return is_stopping_ || is_all_claimed() || can_claim(); });
    if (is_stopping_ || is_all_claimed()) return;
    if (slots_.empty() || slots_.back().is_claimed()) open_slot();
    Slot& slot = slots_.back();
    if (slot.is_claimed()) continue;
    const std::size_t sample = slot.claimed++;
    lock.unlock();
    std::exception_ptr failure;
    try {
      work_.fill(slot.batch, sample, worker);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    finish_sample(slot, sample, std::move(failure));
  }
}

bool ReadAhead::can_claim() const {
  return (!slots_.empty() && !slots_.back().is_claimed()) ||
         (position_ < end_ && slots_.size() < depth_);
}

bool ReadAhead::is_all_claimed() const {
  return position_ >= end_ && (slots_.empty() || slots_.back().is_claimed());
}

void ReadAhead::open_slot() {
  Slot& slot = slots_.emplace_back();
  slot.batch = spare();
  try {
    work_.prepare(position_++, slot.batch);
  } catch (...) {
    slot.batch.size = 0;
    slot.failure = std::current_exception();
    end_ = position_;
    changed_.notify_all();
  }
}

void ReadAhead::finish_sample(Slot& slot, std::size_t sample, std::exception_ptr failure) {
  if (failure && (!slot.failure || sample < slot.failed)) {
    slot.failure = std::move(failure);
    slot.failed = sample;
    end_ = position_;
  }
  ++slot.finished;
  if (slot.is_finished() || is_all_claimed()) changed_.notify_all();
}

}  // namespace lucid
