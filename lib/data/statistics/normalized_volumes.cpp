#include "data/statistics/normalized_volumes.h"

#include <cmath>
#include <utility>

#include "data/volumes/dataset_view.h"
#include "kernels/simd/finite.h"

namespace lucid {
namespace {

class NormalizedVolumes final : public DatasetView {
 public:
  NormalizedVolumes(std::unique_ptr<Dataset> plain, const NormalizationRule& rule,
                    Warnings& warnings)
      : DatasetView(std::move(plain)), rule_(rule), warnings_(warnings) {}

  std::optional<LabelHistogram> label_histogram() const override { return set().label_histogram(); }

  void read_sample(std::size_t index, std::span<float> sample) const override {
    set().read_sample(index, sample);
    const Shape::Extent channels = set().sample_shape()[0];
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

 private:
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
