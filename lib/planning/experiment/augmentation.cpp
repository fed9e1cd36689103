#include "planning/experiment/augmentation.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"

namespace lucid {
namespace {

constexpr std::int64_t kFlat = 3;  // patches whose sides differ by more turn in their plane

// nnU-Net turns and scales a fifth of the patches each.
constexpr double kTurned = 0.35, kTurnedOften = 0.6;

class Augmentation {
 public:
  Augmentation(const Fingerprint& fingerprint, const PlanDefaults& defaults, const Triple& patch,
               bool is_short)
      : fingerprint_(fingerprint), defaults_(defaults), patch_(patch), is_short_(is_short) {}

  PlannedAugmentation write() {
    made_.transforms = Json::array();
    add_mirrors();
    add_turns();
    add({{"type", "RandomNoise"}, {"std", 0.3}, {"p", 0.1}});
    add({{"type", "RandomBlur"}, {"std", {0.5, 1}}, {"p", 0.2}, {"p_per_channel", 0.5}});
    add({{"type", "RandomBrightness"}, {"factor", 0.25}, {"p", 0.15}});
    add({{"type", "RandomBrightnessContrast"},
         {"brightness", 0},
         {"contrast", 0.25},
         {"preserve_range", true},
         {"p", 0.15}});
    add({{"type", "RandomLowResolution"}, {"p", 0.25}, {"p_per_channel", 0.5}});
    for (const bool inverts : {true, false})
      add({{"type", "RandomGamma"},
           {"log_gamma", {std::log(0.7), std::log(1.5)}},
           {"invert", inverts},
           {"retain_stats", true},
           {"p", inverts ? 0.1 : 0.3}});
    return std::move(made_);
  }

 private:
  void add(Json transform) { made_.transforms.push_back(std::move(transform)); }
  void say(const std::string& sentence) { made_.reasons.push_back(sentence); }

  // A mirror image must not show what no volume shows: left and right exchanged, for example.
  void add_mirrors() {
    const std::string mirrored = mirrored_axes(fingerprint_, defaults_);
    std::string told;
    for (const char axis : {'d', 'h', 'w'})
      if (mirrored.find(axis) == std::string::npos) told += axis;
    if (!mirrored.empty()) add({{"type", "RandomFlip"}, {"axes", mirrored}});
    if (told.empty()) return say("nnU-Net's; no two classes lie in one order along an axis.");
    say("nnU-Net's, " +
        (mirrored.empty() ? "without mirror images" : "mirrored along " + mirrored) + ": along " +
        told + ", two classes have one order in " + fixed_text(100 * defaults_.told_share, 0) +
        " % of the volumes at least.");
  }

  // Turns and scales; flat patches turn within their planes.
  void add_turns() {
    Json made{{"type", "RandomAffine"},
              {"degrees", 30},
              {"scales", {0.7, 1.4}},
              {"isotropic", true},
              {"p", is_short_ ? kTurnedOften : kTurned}};
    if (is_short_)
      say("Images are turned and scaled more often than in nnU-Net, where a chance of 0.36 goes "
          "with SGD: AdamW learns a small set by heart sooner.");
    const auto [least, most] = std::ranges::minmax_element(patch_);
    if (*most > kFlat * *least) {
      const auto axis = static_cast<std::size_t>(least - patch_.begin());
      made["degrees"] = {0, 0, 0, 0, 0, 0};
      made["degrees"][2 * axis] = -180;
      made["degrees"][2 * axis + 1] = 180;
      made["planes"] = std::array{"hw", "dw", "dh"}[axis];
      say("The patch is flat: it turns within its planes alone.");
    }
    add(std::move(made));
  }

  const Fingerprint& fingerprint_;
  const PlanDefaults& defaults_;
  const Triple& patch_;
  const bool is_short_;
  PlannedAugmentation made_;
};

}  // namespace

std::string mirrored_axes(const Fingerprint& fingerprint, const PlanDefaults& defaults) {
  std::string axes;
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (fingerprint.class_order[axis] < defaults.told_share) axes += "dhw"[axis];
  return axes;
}

PlannedAugmentation planned_augmentation(const Fingerprint& fingerprint,
                                         const PlanDefaults& defaults, const Triple& patch,
                                         bool is_short) {
  return Augmentation(fingerprint, defaults, patch, is_short).write();
}

}  // namespace lucid
