#pragma once

#include <memory>
#include <vector>

#include "base/warnings.h"
#include "data/patch/sampler.h"
#include "data/statistics/measured_file.h"
#include "data/volumes/dataset.h"

namespace lucid {

// Normalized patches of volumes as samples.
class PatchSet : public Dataset {
 public:
  struct Options {
    PatchSampler::Options sampling{};
    // Labels are indexed to check, count or sample them.
    bool needs_labels = false;
    int threads = 1;                   // for reading whole volumes
    MeasuredFile* measured = nullptr;  // caches measurements; must outlive the set
  };

  // Throws Error(kData) if there are no samples.
  PatchSet(PatchVolumes volumes, const Options& options);

  std::size_t size() const override { return sampler_->size(); }
  Shape sample_shape() const override;
  Shape target_shape() const override;
  TargetType target_type() const override;
  bool has_targets() const override { return volumes_.target() != nullptr; }
  // Reads the sample of epoch 0.
  void read_sample(std::size_t index, std::span<float> sample) const override;
  void read_target(std::size_t index, std::span<float> target) const override;
  void read(std::int64_t epoch, std::size_t index, std::span<float> sample,
            std::span<float> target) const override;
  std::string target_place(std::size_t index) const override;
  std::string sample_place(std::size_t index) const override;
  std::vector<SampleOrigin> origins() const override;  // of the volumes
  std::optional<StoredValue> find_refused(SamplePart part, std::int64_t epoch, std::size_t index,
                                          const ValueRule& rule) const override;
  std::optional<StoredValue> find_refused(SamplePart part, const ValueRule& rule) const override;
  void walk_samples(const VoxelVisitor& visit) const override;  // visits every voxel of the regions
  void walk_foreground(std::optional<std::int64_t> ignored,
                       const VoxelVisitor& visit) const override;
  std::optional<LabelHistogram> label_histogram() const override;

  const PatchVolumes& volumes() const { return volumes_; }
  const PatchSampler& sampler() const { return *sampler_; }
  // Sets the normalization of all samples, or of each volume, whatever its roi.
  void normalize(Normalization normalization) { normalizations_ = {std::move(normalization)}; }
  void normalize_volumes(const NormalizationRule& rule, Warnings& warnings);

 private:
  LabelHistogram channel_labels() const;
  bool needs_index() const;
  VoxelIndex index(const PatchVolume& volume) const;
  Normalization measured(const PatchVolume& volume, const NormalizationRule& rule) const;
  static std::optional<StoredValue> find_in(const PatchVolume& volume, const Box& box,
                                            SamplePart part, const ValueRule& rule);
  void walk_volume(const PatchVolume& volume, const Box& box, const VoxelVisitor& visit) const;

  const PatchVolumes volumes_;
  const Options options_;
  std::vector<VoxelIndex> indexes_;
  std::optional<PatchSampler> sampler_;
  std::vector<Normalization> normalizations_{1};  // one, or one per volume
};

}  // namespace lucid
