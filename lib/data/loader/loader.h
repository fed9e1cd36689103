#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "data/augment/augmentation.h"
#include "data/statistics/normalization.h"
#include "data/volumes/dataset.h"

namespace lucid {

// What a loader checks of each sample as it is read; it throws Error naming the stored value.
struct ValueChecks {
  bool are_samples_finite = false;  // as they are read, normalized, and augmented
  std::vector<ValueRule> targets{};
};

struct LoaderOptions {
  std::size_t batch_size = 1;
  bool shuffle = true;
  bool drop_last = false;
  std::uint64_t seed = 0;
  std::size_t prefetch = 2;  // batches read ahead, at least one per worker; 0: read on demand
  std::size_t workers = 1;   // threads that read; 0: read on demand
  std::size_t peek = 1;      // the most batches that peek() is asked for, kept beside `prefetch`
  std::size_t shards = 1;    // into which batches are divided: see shard.h
  // Whether a sample of a batch of so many is read; the others' places hold anything. Empty: all.
  std::function<bool(std::size_t sample, std::size_t batch)> is_wanted{};
  const Augmentation* augmentation = nullptr;  // must outlive the loader
  ValueChecks checks{};
};

struct Batch {
  std::size_t size = 0;
  std::vector<float> samples;        // size x (C, D, H, W), normalized and augmented
  std::vector<float> targets;        // size x target_shape
  std::vector<std::size_t> indices;  // of the samples in the set
};

// Iterates over a dataset in batches, reading ahead in its own threads. The order depends on (seed,
// epoch) alone, a sample on (seed, epoch, index).
class Loader {
 public:
  // `dataset` must outlive the loader. Throws Error(kUsage) if drop_last leaves no batch.
  Loader(const Dataset& dataset, const LoaderOptions& options, Normalization normalization);
  ~Loader();

  std::size_t batches() const;  // per epoch
  // Cancels an epoch in progress; first_batch resumes within an epoch.
  void start(std::int64_t epoch, std::size_t first_batch = 0);
  // The same for batches first to end - 1 alone.
  void start_part(std::int64_t epoch, std::size_t first_batch, std::size_t end_batch);
  // Returns null at the end; the batch is valid until the next call. Rethrows errors of reading.
  const Batch* next();
  // Returns up to `count` batches that next() will return, fewer at the end. They are valid until
  // next() is called. Rethrows errors of reading any of them.
  std::span<const Batch* const> peek(std::size_t count);
  double wait_seconds() const;  // time blocked in next() and peek() since start()

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace lucid
