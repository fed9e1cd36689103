#pragma once

#include <memory>

#include "base/warnings.h"
#include "data/patch/set.h"
#include "train/config/run_config.h"

namespace lucid {

// Owns a run's training and validation sets, whose samples have the shape of the model's input.
class DataSets {
 public:
  // `threads` read whole volumes when statistics are measured, which the MeasuredFile `measured`
  // keeps. The config and `warnings` must outlive the sets. Throws Error.
  DataSets(const RunConfig& config, int threads, const std::filesystem::path& measured,
           Warnings& warnings);

  const Dataset& train() const { return *train_; }                 // before augmentation
  const Dataset* validation() const { return validation_.get(); }  // null when there is none
  // "train.h5: /volumes and 3 other files", for messages about a set.
  std::string train_name() const { return name_of(train_->sample_place(0), config_.data.train); }
  // The same of targets: "train.h5: /labels".
  std::string train_target() const { return name_of(train_->target_place(0), config_.data.train); }
  std::string validation_target() const {
    return name_of(validation_->target_place(0), *config_.data.validation);
  }
  const std::vector<PatchSet*>& patches() const { return patches_; }
  // The config's, with the median of the training set if it asks for that.
  const GridConfig& grid() const { return grid_; }
  // The validation set if it is one of patches, else null.
  const PatchSet* validation_patches() const { return patches_.size() > 1 ? patches_[1] : nullptr; }

  // Sets of patches normalise themselves. Call this when the config's normalisation is known.
  void normalize_patches();
  void save_measured() const { measured_.save(); }

  ReadCounts read_counts() const { return cache_.counts(); }
  // The most memory that decoded chunks of patches take. Other sets count theirs themselves.
  std::size_t cache_bytes() const;
  std::size_t uncached_bytes() const;  // how much more they may still take
  // Describes the patches in a line; empty without patches.
  std::string patches_text() const;
  // The normalisation that a loader has to apply; sets of patches leave nothing to do.
  const Normalization& normalization() const;

 private:
  std::unique_ptr<Dataset> open(const VolumesConfig& volumes);
  std::unique_ptr<PatchSet> open_patches(const VolumesConfig& volumes,
                                         const PatchSampler::Options& sampling);
  void open_all_patches();
  std::unique_ptr<Dataset> open_train();
  std::unique_ptr<Dataset> open_validation();
  void check_shape(const char* name, const Shape& found, const VolumesConfig& volumes) const;
  void check_drop_last() const;  // throws if an epoch has no batch
  static std::string name_of(const std::string& place, const VolumesConfig& volumes);

  const RunConfig& config_;
  GridConfig grid_;
  const int threads_;
  Warnings& warnings_;
  MeasuredFile measured_;
  ChunkCache cache_;  // of both sets
  const Normalization none_;
  std::unique_ptr<Dataset> train_, validation_;
  std::vector<PatchSet*> patches_;  // those of the two that are of patches
};

}  // namespace lucid
