#include "data/statistics/normalized_volumes.h"

#include <utility>

namespace lucid {
namespace {

class NormalizedVolumes final : public Dataset {
 public:
  NormalizedVolumes(std::unique_ptr<Dataset> set, const NormalizationRule& rule)
      : set_(std::move(set)), rule_(rule) {}

  std::size_t size() const override { return set_->size(); }
  Shape sample_shape() const override { return set_->sample_shape(); }
  Shape target_shape() const override { return set_->target_shape(); }
  TargetType target_type() const override { return set_->target_type(); }
  bool has_targets() const override { return set_->has_targets(); }
  std::string target_place(std::size_t index) const override { return set_->target_place(index); }
  std::optional<LabelHistogram> label_histogram() const override { return set_->label_histogram(); }

  void read_sample(std::size_t index, std::span<float> sample) const override {
    set_->read_sample(index, sample);
    const Shape::Extent channels = set_->sample_shape()[0];
    volume_normalization(rule_, sample, channels).apply(sample, channels);
  }
  void read_target(std::size_t index, std::span<float> target) const override {
    set_->read_target(index, target);
  }

 private:
  const std::unique_ptr<Dataset> set_;
  const NormalizationRule rule_;
};

}  // namespace

std::unique_ptr<Dataset> normalized_volumes(std::unique_ptr<Dataset> set,
                                            const std::optional<NormalizationRule>& rule) {
  if (!rule || rule->per != NormalizedPer::kVolume) return set;
  return std::make_unique<NormalizedVolumes>(std::move(set), *rule);
}

}  // namespace lucid
