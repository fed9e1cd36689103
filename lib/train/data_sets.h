#pragma once

#include <memory>

#include "data/patch/set.h"
#include "train/config/run_config.h"

namespace lucid {

// A run's training and validation sets, whose samples have the shape of the model's input.
class DataSets {
 public:
  // `threads`: that read what is read as a whole; `measured`: a MeasuredFile. The config must
  // outlive the sets. Throws Error.
  DataSets(const RunConfig& config, int threads, const std::filesystem::path& measured);

  const Dataset& train() const { return *train_; }                 // before augmentation
  const Dataset* validation() const { return validation_.get(); }  // null when there is none

  // To be called when the config's normalisation is known: sets of patches normalise themselves.
  void settle();
  void save_measured() const { measured_.save(); }

  ReadCounts read_counts() const { return cache_.counts(); }
  // What decoded chunks of patches may take; of other sets, it is in them.
  std::size_t cache_bytes() const;
  // A line on patches; empty where there are none.
  std::string patches_text() const;
  // What is left to be done to samples.
  const Normalization& normalization() const;

 private:
  std::unique_ptr<Dataset> open(const VolumesConfig& volumes);
  std::unique_ptr<PatchSet> open_patches(const VolumesConfig& volumes,
                                         const PatchSampler::Options& sampling);
  void open_all_patches();
  std::unique_ptr<Dataset> open_train();
  std::unique_ptr<Dataset> open_validation();
  void check_shape(const char* name, const Shape& found, const VolumesConfig& volumes) const;
  void check_drop_last() const;  // an epoch needs a batch

  const RunConfig& config_;
  const int threads_;
  MeasuredFile measured_;
  ChunkCache cache_;  // of both sets
  const Normalization none_;
  std::unique_ptr<Dataset> train_, validation_;
  std::vector<PatchSet*> patches_;  // those of the two that are of patches
};

}  // namespace lucid
