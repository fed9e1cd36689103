#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "data/loader/loader.h"

namespace lucid {

// Batches filled sample by sample in threads, and handed out in order.
class ReadAhead {
 public:
  struct Work {
    std::function<void(std::size_t number, Batch&)> prepare;  // sizes; called in order
    // Fills one sample of a batch; called from thread `worker`, in any order.
    std::function<void(Batch&, std::size_t sample, std::size_t worker)> fill;
  };
  // At most `depth` batches are filled or wait. 0 threads: next() fills.
  ReadAhead(Work work, std::size_t threads, std::size_t depth);
  ~ReadAhead() { stop(); }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  void start(std::size_t first, std::size_t end);  // ends what was going on
  void stop();
  // Null at the end; valid until the next call. What went wrong in a batch is rethrown in its
  // place, and no batch comes after it.
  const Batch* next();

 private:
  // A batch that is being filled, or was.
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
  const Batch* fill_now();

  const Work work_;
  const std::size_t threads_, depth_;
  std::vector<std::thread> running_;
  Batch current_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Slot> slots_;  // in order; only the last may have samples that nobody has claimed
  std::vector<Batch> spare_;
  std::size_t position_ = 0, end_ = 0;  // of the next batch to begin, and behind the last
  bool is_stopping_ = false;
};

}  // namespace lucid
