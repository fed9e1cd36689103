#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "data/resample/volume_resampling.h"
#include "data/volumes/voxel_size.h"
#include "planning/experiment/augmentation.h"
#include "planning/experiment/planned_experiment.h"
#include "planning/experiment/sections.h"
#include "planning/experiment/unet_model.h"

namespace lucid {
namespace {

constexpr double kForeground = 0.33, kGradientClip = 12;  // nnU-Net's
constexpr double kAdamRate = 0.002, kWeightDecay = 0.01;
constexpr double kMaskedBelow =
    0.75;  // median share after cropping below which z-scores are masked
constexpr double kCroppedBelow =
    0.99;  // and below which cropping is worth a reading of the volumes

class Segmentation {
 public:
  Segmentation(const Fingerprint& fingerprint, const PlanData& data, const PlanSettings& settings,
               const NnunetPlan& plan, const Length& length)
      : fingerprint_(fingerprint), data_(data), settings_(settings), plan_(plan), length_(length) {}

  PlannedExperiment write() {
    made_.json["name"] = settings_.name;
    made_.json["seed"] = settings_.seed;
    add_model();
    add_data();
    add_loss();
    add_optimizer();
    made_.json["metrics"] = {"dice"};
    add_training();
    return std::move(made_);
  }

 private:
  bool is_short() const { return length_.steps() < settings_.defaults.few_steps; }

  void say(const std::string& pointer, const std::string& sentence) {
    made_.comments[pointer].push_back(sentence);
  }

  // Instance norm takes from a patch how much it holds, and from a dim one how dim it is.
  NormKind norm() const {
    const bool are_alike =
        plan_.holds_median() && fingerprint_.share_variation <= settings_.defaults.even_share;
    return are_alike || !is_short() ? NormKind::kInstance : NormKind::kBatch;
  }

  void add_model() {
    UnetModel unet = unet_model(plan_.unet, true, norm());
    heads_ = std::move(unet.heads);
    made_.json["model"] = std::move(unet.model);
    made_.json["model"]["init"] = "kaiming_normal";
    if (norm() == NormKind::kBatch)
      say("/model/blocks",
          "Batch norm takes the place of nnU-Net's instance norm: patches have more or less "
          "foreground, which the norm of each patch by itself would even out.");
    if (plan_.unet.is_residual())
      say("/model/blocks",
          "The encoder is that of nnU-Net's ResEnc presets: the first block of a stage is "
          "residual_down, or residual_pool where it has no more features; the others are residual. "
          "Each begins as its shortcut, as the weights of its last norm start from 0.");
  }

  void add_training() {
    Json& train = made_.json["train"] = train_section(data_, settings_, length_, "validation.dice");
    train["gradient_clip"] = kGradientClip;
    if (const auto ema = ema_section(settings_.defaults, length_); ema && is_short()) {
      train["ema"] = *ema;
      say("/train/ema", kReasonOfEma);
    }
    if (settings_.folds == 0) return;
    if (!mirrored_axes(fingerprint_, settings_.defaults).empty()) predict_mirrored(train);
    train["folds"]["checkpoint"] = "last";
    say("/train/folds",
        "As in nnU-Net the last epoch predicts the cases that a fold holds out: the best one is "
        "chosen by them.");
  }

  void add_data() {
    Json data = set_sections(data_);
    add_spacing(data);
    add_normalization(data);
    data["patch"] = {{"foreground", kForeground},
                     {"foreground_per", "batch"},
                     {"per_volume", length_.per_volume}};
    say("/data/patch",
        "A third of the patches of each batch lie around a voxel of a class, as in nnU-Net.");
    data["batch_size"] = plan_.batch;
    const PlannedAugmentation augmentation = planned_augmentation(
        fingerprint_, settings_.defaults, plan_.unet.topology.patch, is_short());
    data["augmentation"] = augmentation.transforms;
    made_.comments["/data/augmentation"] = augmentation.reasons;
    made_.json["data"] = data;
  }

  void add_spacing(Json& data) {
    const auto& spacings = fingerprint_.geometry.spacings;
    const bool are_equal = std::ranges::all_of(
        spacings, [&](const VoxelSize& spacing) { return spacing == plan_.spacing; });
    if (!fingerprint_.has_spacing) {
      say("/data", "The files do not say how large voxels are: they count as cubes.");
    } else if (!are_equal) {
      data["spacing"] = plan_.spacing;
      const std::size_t others = resampled_cases();
      say("/data/spacing", others > 0
                               ? std::to_string(others) + " of " + std::to_string(spacings.size()) +
                                     " cases have other voxels and are resampled."
                               : "The voxels of all cases are so alike that none is "
                                 "resampled.");
    }
    if (fingerprint_.relative_size >= kCroppedBelow) return;
    data["crop"] = "nonzero";
    say("/data/crop", "Without borders of zeros the median case keeps " +
                          fixed_text(fingerprint_.relative_size * 100, 0) + " % of its voxels.");
  }

  // As when they are read: those that get other extents by it.
  std::size_t resampled_cases() const {
    const SetGeometry& set = fingerprint_.geometry;
    std::size_t count = 0;
    for (std::size_t i = 0; i < set.shapes.size(); ++i)
      if (resampled_extents(set.shapes[i], set.spacings[i], plan_.spacing) != set.shapes[i])
        ++count;
    return count;
  }

  void add_normalization(Json& data) {
    const bool is_ct = std::ranges::all_of(
        fingerprint_.channels, [](const ChannelValues& channel) { return channel.name == "CT"; });
    if (is_ct) {
      data["normalize"] = {{"type", "ct"}};
      say("/data/normalize",
          "Values of CT mean the same in all cases: percentiles, mean and "
          "deviation are those of the foreground of all.");
      return;
    }
    data["normalize"] = {{"type", "zscore"}, {"per", "volume"}};
    say("/data/normalize", "Values mean something else in each case: mean 0 and deviation 1.");
    if (fingerprint_.relative_size >= kMaskedBelow) return;
    data["normalize"]["mask"] = "nonzero";
    say("/data/normalize", "Cropping removes more than a quarter: zeros do not count.");
  }

  // The outputs of deep supervision weigh 1, 1/2, 1/4, .., together 1.
  void add_loss() {
    const double sum = 2 - std::ldexp(1.0, 1 - static_cast<int>(heads_.size()));
    Json losses = Json::array();
    for (std::size_t i = 0; i < heads_.size(); ++i)
      losses.push_back({{"type", "DiceCELoss"},
                        {"include_background", false},
                        {"output", heads_[i]},
                        {"factor", std::ldexp(1.0, -static_cast<int>(i)) / sum}});
    made_.json["loss"] = losses;
    say("/loss",
        "nnU-Net's: cross entropy plus the Dice of all classes but the background, of each "
        "resolution of the decoder but the coarsest.");
  }

  void add_optimizer() {
    const std::string steps = with_thousands(length_.steps());
    if (!is_short()) {
      made_.json["optimizer"] = {{"type", "SGD"},
                                 {"lr", 0.01},
                                 {"momentum", 0.99},
                                 {"nesterov", true},
                                 {"weight_decay", 3e-5}};
      made_.json["scheduler"] = {{"type", "PolynomialLR"}, {"total_iters", "auto"}, {"power", 0.9}};
      say("/optimizer", "nnU-Net's, for " + steps + " steps.");
      return;
    }
    made_.json["optimizer"] = {
        {"type", "AdamW"}, {"lr", kAdamRate}, {"weight_decay", weight_decay()}};
    made_.json["scheduler"] = {{"type", "OneCycleLR"}};
    say("/optimizer", "With " + steps + " steps, fewer than " +
                          with_thousands(settings_.defaults.few_steps) +
                          ", AdamW takes the place of nnU-Net's SGD.");
    if (is_seen_often())
      say("/optimizer",
          "Each case is seen " + with_thousands(passes()) +
              " times: without such a weight decay the network would learn the set by heart.");
  }

  std::int64_t passes() const { return length_.epochs * length_.per_volume; }

  bool is_seen_often() const {
    return plan_.holds_median() &&
           static_cast<double>(passes()) > settings_.defaults.passes_by_heart;
  }

  double weight_decay() const {
    if (!is_seen_often()) return kWeightDecay;
    const double steps_a_pass =
        static_cast<double>(length_.steps()) / static_cast<double>(passes());
    const double decay = 1 / (kAdamRate * settings_.defaults.remembered_passes * steps_a_pass);
    return std::round(1000 * decay) / 1000;
  }

  const Fingerprint& fingerprint_;
  const PlanData& data_;
  const PlanSettings& settings_;
  const NnunetPlan& plan_;
  const Length& length_;
  std::vector<std::string> heads_;  // of deep supervision
  PlannedExperiment made_;
};

}  // namespace

PlannedExperiment segmentation_experiment(const Fingerprint& fingerprint, const PlanData& data,
                                          const PlanSettings& settings, const NnunetPlan& plan,
                                          const Length& length) {
  return Segmentation(fingerprint, data, settings, plan, length).write();
}

}  // namespace lucid
