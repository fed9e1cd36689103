#pragma once

#include <memory>
#include <span>
#include <vector>

#include "infer/predict/options.h"
#include "infer/predict/predictor.h"

namespace lucid {

// Throws Error(kUsage) if the run cannot postprocess what it predicts: without argmax, of another
// network than one over voxels, with a type that cannot hold the labels, or with targets that the
// labels cannot be compared with.
void check_postprocess(const InferOptions& options, const TrainedConfig& config);

// Returns the type of the labels of `classes` after postprocessing unless the user chose one.
OutputType postprocessed_type(const PostprocessRules& rules, std::int64_t classes);

// Converts classes from the type in which they are written, and back. Voxels without a class, whose
// logits hold a NaN, are a label of their own.
void load_labels(const OutputFormat& format, std::span<const std::byte> written,
                 std::span<Label> labels);
void store_labels(const OutputFormat& format, std::span<const Label> labels,
                  std::span<std::byte> written);

// A volume of labels in memory, d, h, w.
class LabelsInMemory : public LabelPlanes {
 public:
  LabelsInMemory(const Triple& extents, std::vector<Label> labels)
      : extents_(extents), labels_(std::move(labels)) {}

  const Triple& extents() const override { return extents_; }
  void rewind() override { next_ = 0; }
  void read(std::span<Label> plane) override;

 private:
  Triple extents_;
  std::vector<Label> labels_;
  std::size_t next_ = 0;
};

// The metrics that a run measures by itself: all of the checkpoint's config, or, where classes are
// postprocessed, those that read scores. LabelMetrics measures the others.
std::vector<MetricConfig> metrics_of_scores(const InferOptions& options,
                                            const TrainedConfig& config);

// The metrics of the checkpoint's config that read classes alone, of postprocessed labels.
class LabelMetrics {
 public:
  explicit LabelMetrics(const Predictor& predictor);

  // Adds labels and the targets of the same voxels.
  void add(std::span<const Label> labels, std::span<const float> target);
  void report(Measurements& measured) const;

 private:
  std::int64_t classes_;
  std::vector<std::unique_ptr<Metric>> metrics_;
  std::vector<float> scores_;
};

}  // namespace lucid
