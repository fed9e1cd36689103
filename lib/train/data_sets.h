#pragma once

#include <memory>

#include "data/patch_set.h"
#include "train/run_config.h"

namespace lucid {

// A run's training and validation sets, whose samples have the shape of the model's input.
class DataSets {
 public:
  // `threads`: that read what is read as a whole. The config must outlive the sets. Throws Error.
  DataSets(const RunConfig& config, int threads);

  const Dataset& train() const { return *train_; }                 // before augmentation
  const Dataset* validation() const { return validation_.get(); }  // null when there is none

  // To be called when the config's normalisation is known: sets of patches normalise themselves.
  void settle();
  // What is left to be done to samples.
  const Normalization& normalization() const;

 private:
  std::unique_ptr<Dataset> open(const VolumesConfig& volumes) const;
  std::unique_ptr<PatchSet> open_patches(const VolumesConfig& volumes,
                                         const PatchSampler::Options& sampling);
  void open_all_patches();
  std::unique_ptr<Dataset> open_train() const;
  std::unique_ptr<Dataset> open_validation() const;
  void check_shape(const char* name, const Shape& found, const VolumesConfig& volumes) const;
  void check_drop_last() const;  // an epoch needs a batch

  const RunConfig& config_;
  const int threads_;
  ChunkCache cache_;  // of the patches of both sets
  const Normalization none_;
  std::unique_ptr<Dataset> train_, validation_;
  std::vector<PatchSet*> patches_;  // those of the two that are of patches
};

}  // namespace lucid
