#pragma once
// Private to this room.

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "data/loader/loader.h"

namespace lucid {

// Fills batches sample by sample in threads, and returns them in order.
class ReadAhead {
 public:
  struct Work {
    std::function<void(std::size_t number, Batch&)> prepare;  // sets sizes; called in order
    // Fills one sample of a batch; called by thread `worker`, in any order.
    std::function<void(Batch&, std::size_t sample, std::size_t worker)> fill;
  };
  // Keeps at most `depth` batches filled or in progress. With 0 threads, next() and peek() fill
  // them.
  ReadAhead(Work work, std::size_t threads, std::size_t depth);
  ~ReadAhead() { stop(); }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  void start(std::size_t first, std::size_t end);  // cancels a run in progress
  void stop();
  // Returns null at the end; the batch is valid until the next call. An error in a batch is
  // rethrown in its place, and no batch follows it.
  const Batch* next();
  // Returns up to `count` batches that next() will return, `depth` at most; they are valid until
  // next() is called. Rethrows an error in any of them.
  std::span<const Batch* const> peek(std::size_t count);

 private:
  // A batch that is being filled or is complete.
  struct Slot {
    Batch batch;
    std::size_t claimed = 0, finished = 0;  // samples
    std::exception_ptr failure;             // of the first sample that failed
    std::size_t failed = 0;

    bool is_claimed() const { return claimed == batch.size; }
    bool is_finished() const { return finished == batch.size; }
  };

  void run(std::size_t worker);
  bool can_claim() const;
  bool is_all_claimed() const;
  void open_slot();
  void finish_sample(Slot& slot, std::size_t sample, std::exception_ptr failure);
  void fill_now(std::size_t count);
  Batch spare();

  const Work work_;
  const std::size_t threads_, depth_;
  std::vector<std::thread> running_;
  Batch current_;
  std::vector<const Batch*> peeked_;

  std::mutex mutex_;  // guards the members below
  std::condition_variable changed_;
  std::deque<Slot> slots_;  // in order; only the last may have unclaimed samples
  std::vector<Batch> spare_;
  std::size_t position_ = 0, end_ = 0;  // next batch to begin, and end of the run
  bool is_stopping_ = false;
};

}  // namespace lucid
