#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "planning/experiment/resnet_model.h"
#include "planning/plan_kind.h"
#include "tensor/shape.h"

namespace lucid {
namespace {

constexpr std::int64_t kWidest = 64, kNarrowest = 8, kMostBlocks = 2;

constexpr double kMirrorImages = 8;  // of a volume, along all axes

class ResnetKind : public PlanKind {
 public:
  ResnetKind(const Fingerprint& fingerprint, const PlanData& data, const PlanSettings& settings)
      : fingerprint_(fingerprint), data_(data), defaults_(settings.defaults) {
    const SetGeometry& set = fingerprint.geometry;
    for (std::int64_t features = kWidest; features >= kNarrowest; features /= 2)
      for (std::int64_t blocks = kMostBlocks; blocks >= 1; --blocks)
        networks_.push_back({set.shapes.front(), set.channels, set.classes, features, blocks});
    std::ranges::stable_sort(networks_, std::ranges::greater{},
                             [](const Resnet& one) { return resnet_cost(one).flops; });
  }

  std::vector<Candidate> candidates() const override {
    std::vector<Candidate> all;
    for (const Resnet& one : networks_) {
      const ResnetCost cost = resnet_cost(one);
      const auto batch = static_cast<double>(defaults_.sample_batch);
      all.push_back({3 * cost.flops * batch, cost.elements * batch * defaults_.element_bytes,
                     defaults_.sample_batch, one.features});
    }
    return all;
  }

  bool takes_patches() const override { return false; }

  PlannedExperiment experiment(std::size_t candidate, const PlanSettings& settings,
                               const Length& length) const override {
    return samples_experiment(fingerprint_, data_, settings, resnet_model(networks_[candidate]),
                              length);
  }

  double validation_samples(std::size_t, std::int64_t cases) const override {
    return static_cast<double>(cases);
  }

  double predicted_samples(std::size_t candidate, std::int64_t cases) const override {
    return kMirrorImages * validation_samples(candidate, cases);
  }

  std::string described(std::size_t candidate) const override {
    const Resnet& one = networks_[candidate];
    return "a residual network of " + std::to_string(2 * one.blocks * one.stages() + 2) +
           " layers, " + std::to_string(one.features) + " to " +
           std::to_string(one.features << (one.stages() - 1)) + " features, batches of " +
           std::to_string(defaults_.sample_batch);
  }

  Json json(std::size_t candidate) const override {
    const Resnet& one = networks_[candidate];
    Json features = Json::array();
    for (std::int64_t stage = 0; stage < one.stages(); ++stage)
      features.push_back(one.features << stage);
    return {{"patch", one.size},
            {"batch", defaults_.sample_batch},
            {"features", features},
            {"blocks_per_stage", one.blocks},
            {"parameters", resnet_cost(one).parameters}};
  }

  std::string reference() const override { return ""; }

 private:
  const Fingerprint& fingerprint_;
  const PlanData& data_;
  const PlanDefaults defaults_;
  std::vector<Resnet> networks_;
};

}  // namespace

std::unique_ptr<PlanKind> resnet_kind(const Fingerprint& fingerprint, const PlanData& data,
                                      const PlanSettings& settings) {
  return std::make_unique<ResnetKind>(fingerprint, data, settings);
}

}  // namespace lucid
