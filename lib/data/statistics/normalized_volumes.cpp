#include "data/statistics/normalized_volumes.h"

#include <cmath>
#include <utility>

#include "kernels/simd/finite.h"

namespace lucid {
namespace {

class NormalizedVolumes final : public Dataset {
 public:
  NormalizedVolumes(std::unique_ptr<Dataset> set, const NormalizationRule& rule, Warnings& warnings)
      : set_(std::move(set)), rule_(rule), warnings_(warnings) {}

  std::size_t size() const override { return set_->size(); }
  Shape sample_shape() const override { return set_->sample_shape(); }
  Shape target_shape() const override { return set_->target_shape(); }
  TargetType target_type() const override { return set_->target_type(); }
  bool has_targets() const override { return set_->has_targets(); }
  std::string target_place(std::size_t index) const override { return set_->target_place(index); }
  std::string sample_place(std::size_t index) const override { return set_->sample_place(index); }
  std::vector<SampleOrigin> origins() const override { return set_->origins(); }
  using Dataset::find_refused;
  std::optional<StoredValue> find_refused(SamplePart part, std::int64_t epoch, std::size_t index,
                                          const ValueRule& rule) const override {
    return set_->find_refused(part, epoch, index, rule);
  }
  std::optional<LabelHistogram> label_histogram() const override { return set_->label_histogram(); }

  void read_sample(std::size_t index, std::span<float> sample) const override {
    set_->read_sample(index, sample);
    const Shape::Extent channels = set_->sample_shape()[0];
    const Normalization found = volume_normalization(rule_, sample, channels);
    for (const std::string& note : found.notes)
      warnings_.add("normalize",
                    sample_place(index) + ", " + note + "; other volumes may be alike");
    if (is_finite(sample)) return found.apply(sample, channels);
    const std::vector<float> stored(sample.begin(), sample.end());
    found.apply(sample, channels);
    for (std::size_t i = 0; i < stored.size(); ++i)
      if (!std::isfinite(stored[i])) sample[i] = stored[i];
  }
  void read_target(std::size_t index, std::span<float> target) const override {
    set_->read_target(index, target);
  }

 private:
  const std::unique_ptr<Dataset> set_;
  const NormalizationRule rule_;
  Warnings& warnings_;
};

}  // namespace

std::unique_ptr<Dataset> normalized_volumes(std::unique_ptr<Dataset> set,
                                            const std::optional<NormalizationRule>& rule,
                                            Warnings& warnings) {
  if (!rule || rule->per != NormalizedPer::kVolume) return set;
  return std::make_unique<NormalizedVolumes>(std::move(set), *rule, warnings);
}

}  // namespace lucid
