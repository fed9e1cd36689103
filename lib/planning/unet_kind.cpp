#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "planning/choice/candidates.h"
#include "planning/experiment/augmentation.h"
#include "planning/plan_kind.h"

namespace lucid {
namespace {

constexpr double kReferenceGigabytes = 8;  // of the GPU that nnU-Net plans for

class UnetKind : public PlanKind {
 public:
  // The reference is what nnU-Net would train by these options.
  UnetKind(const Fingerprint& fingerprint, const PlanData& data, const PlanDefaults& defaults,
           const RuleOptions& reference, std::vector<NnunetPlan> plans)
      : fingerprint_(fingerprint),
        data_(data),
        defaults_(defaults),
        plans_(std::move(plans)),
        preset_name_(preset_name(reference)),
        reference_(full_resolution_plan(fingerprint.geometry, reference)) {}

  std::vector<Candidate> candidates() const override {
    std::vector<Candidate> all;
    for (const NnunetPlan& plan : plans_)
      all.push_back({step_flops(plan),
                     unet_cost(plan.unet).elements * static_cast<double>(plan.batch) *
                         defaults_.element_bytes,
                     plan.batch, plan.unet.features.front(), plan.holds_median()});
    return all;
  }

  bool takes_patches() const override { return true; }

  PlannedExperiment experiment(std::size_t candidate, const PlanSettings& settings,
                               const Length& length) const override {
    return segmentation_experiment(fingerprint_, data_, settings, plans_[candidate], length);
  }

  // Windows that cover cases of the median size.
  double validation_samples(std::size_t candidate, std::int64_t cases) const override {
    const NnunetPlan& plan = plans_[candidate];
    double windows = static_cast<double>(cases);
    for (std::size_t axis = 0; axis < 3; ++axis)
      windows *= std::ceil(plan.median[axis] / static_cast<double>(plan.unet.topology.patch[axis]));
    return windows;
  }

  // Windows that overlap by half, as many as cases of the set have on average, and their mirror
  // images.
  double predicted_samples(std::size_t candidate, std::int64_t cases) const override {
    const NnunetPlan& plan = plans_[candidate];
    const SetGeometry& set = fingerprint_.geometry;
    double windows = 0;
    for (std::size_t i = 0; i < set.shapes.size(); ++i) {
      double of_case = 1;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const auto patch = static_cast<double>(plan.unet.topology.patch[axis]);
        const double size =
            static_cast<double>(set.shapes[i][axis]) * set.spacings[i][axis] / plan.spacing[axis];
        of_case *= 1 + std::max(std::ceil((std::round(size) - patch) / (patch / 2)), 0.0);
      }
      windows += of_case;
    }
    const std::string mirrored = mirrored_axes(fingerprint_, defaults_);
    return std::ldexp(windows, static_cast<int>(mirrored.size())) /
           static_cast<double>(set.shapes.size()) * static_cast<double>(cases);
  }

  std::string described(std::size_t candidate) const override {
    return described(plans_[candidate]);
  }

  Json json(std::size_t candidate) const override {
    const NnunetPlan& plan = plans_[candidate];
    const UnetCost cost = unet_cost(plan.unet);
    Json json{{"spacing", plan.spacing},
              {"patch", plan.unet.topology.patch},
              {"batch", plan.batch},
              {"strides", plan.unet.topology.strides},
              {"kernels", plan.unet.topology.kernels},
              {"features", plan.unet.features}};
    if (plan.unet.is_residual()) json["blocks_per_stage"] = plan.unet.blocks;
    json["parameters"] = static_cast<std::int64_t>(cost.parameters);
    json["elements"] = static_cast<std::int64_t>(cost.elements);
    json["gflop_per_step"] = step_flops(plan) / 1e9;
    return json;
  }

  std::string reference() const override {
    return preset_name_ + " on a GPU of 8 GB would take 250,000 steps of " + described(reference_);
  }

 private:
  static std::string described(const NnunetPlan& plan) {
    const auto& features = plan.unet.features;
    return "patches of " + patch_text(plan) + ", batches of " + std::to_string(plan.batch) + ", " +
           std::to_string(features.front()) + " to " + std::to_string(features.back()) +
           " features" + blocks_text(plan.unet);
  }

  // ", 1 + 3 + 4 residual blocks"; nothing of a plain encoder.
  static std::string blocks_text(const Unet& unet) {
    if (!unet.is_residual()) return "";
    std::string text;
    for (const std::int64_t count : unet.blocks)
      text += (text.empty() ? ", " : " + ") + std::to_string(count);
    return text + " residual blocks";
  }

  const Fingerprint& fingerprint_;
  const PlanData& data_;
  const PlanDefaults defaults_;
  const std::vector<NnunetPlan> plans_;
  const std::string preset_name_;
  const NnunetPlan reference_;
};

}  // namespace

std::unique_ptr<PlanKind> unet_kind(const Fingerprint& fingerprint, const PlanData& data,
                                    const PlanSettings& settings) {
  const RuleOptions options{.memory_gb = kReferenceGigabytes, .encoder = settings.encoder};
  return std::make_unique<UnetKind>(
      fingerprint, data, settings.defaults, options,
      plan_candidates(fingerprint.geometry, options, settings.defaults));
}

std::unique_ptr<PlanKind> nnunet_kind(const Fingerprint& fingerprint, const PlanData& data,
                                      const RuleOptions& options) {
  return std::make_unique<UnetKind>(
      fingerprint, data, PlanDefaults{}, options,
      std::vector{full_resolution_plan(fingerprint.geometry, options)});
}

}  // namespace lucid
