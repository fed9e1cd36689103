#include "data/augment/augmentation.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/registry.h"
#include "base/text.h"

namespace lucid {
namespace {

using Make = std::unique_ptr<Transform> (*)(JsonObject&);

constexpr std::array<Named<Make>, 12> kTransforms{{
    {"RandomAffine", make_random_affine},
    {"RandomBlur", make_random_blur},
    {"RandomBrightness", make_random_brightness},
    {"RandomBrightnessContrast", make_random_brightness_contrast},
    {"RandomCrop", make_random_crop},
    {"RandomCutout", make_random_cutout},
    {"RandomElasticDeformation", make_random_elastic_deformation},
    {"RandomFlip", make_random_flip},
    {"RandomGamma", make_random_gamma},
    {"RandomLowResolution", make_random_low_resolution},
    {"RandomNoise", make_random_noise},
    {"RandomRotate90", make_random_rotate90},
}};

// Replaces the spatial extents of (C, D, H, W) or (D, H, W).
Shape with_extents(const Shape& shape, const Triple& extents) {
  std::vector<Shape::Extent> all = shape.extents();
  std::ranges::copy(extents, all.end() - 3);
  return Shape(std::move(all));
}

}  // namespace

Augmentation::Augmentation(std::vector<std::unique_ptr<Transform>> transforms)
    : transforms_(std::move(transforms)) {}

bool Augmentation::moves_voxels() const {
  return std::ranges::any_of(transforms_, [](const auto& t) { return t->moves_voxels(); });
}

bool Augmentation::crops() const {
  return std::ranges::any_of(transforms_, [](const auto& t) { return t->crops(); });
}

std::array<bool, 3> Augmentation::mirrored() const {
  std::array<bool, 3> axes{};
  for (const auto& transform : transforms_) {
    const std::array<bool, 3> more = transform->mirrored();
    for (std::size_t axis = 0; axis < 3; ++axis) axes[axis] = axes[axis] || more[axis];
  }
  return axes;
}

Triple Augmentation::extents_of(const Dataset& set, ConfigErrors& errors) const {
  const Shape shape = set.sample_shape();
  Triple extents{shape[1], shape[2], shape[3]};
  for (const auto& transform : transforms_) extents = transform->check(extents, errors);
  return extents;
}

Shape Augmentation::sample_shape(const Dataset& set) const {
  ConfigErrors unwanted("");
  return with_extents(set.sample_shape(), extents_of(set, unwanted));
}

Shape Augmentation::target_shape(const Dataset& set) const {
  if (!has_voxel_targets(set)) return set.target_shape();
  ConfigErrors unwanted("");
  return with_extents(set.target_shape(), extents_of(set, unwanted));
}

void Augmentation::check(const Dataset& set, ConfigErrors& errors) const {
  extents_of(set, errors);
  if (!moves_voxels() || set.target_shape().rank() < 3 || has_voxel_targets(set)) return;
  errors.add("/data/augmentation", "expected targets of the volume's size where voxels move, " +
                                       set.sample_shape().without_first().str() + ", found " +
                                       set.target_shape().str() + " in " + set.target_place(0));
}

void Augmentation::check_labels(std::int64_t classes, std::optional<std::int64_t> ignore_index,
                                ConfigErrors& errors) const {
  for (const auto& transform : transforms_) {
    if (transform->padding() == nullptr || !transform->padding()->labels) continue;
    const float label = *transform->padding()->labels;
    const bool is_ignored = ignore_index && label == static_cast<float>(*ignore_index);
    const bool is_class =
        label >= 0 && label < static_cast<float>(classes) && label == std::trunc(label);
    if (is_ignored || is_class) continue;
    errors.add(
        transform->pointer + "/label_fill",
        "expected a class from 0 to " + std::to_string(classes - 1) +
            (ignore_index ? ", or " + std::to_string(*ignore_index) + " (ignore_index)" : "") +
            ", found " + number_text(label));
  }
}

void Augmentation::apply(AugmentedSample& sample, Rng& rng) const {
  for (const auto& transform : transforms_) {
    if (rng.uniform() >= transform->p) continue;
    // A resampling in terms of the full extents cannot continue after a crop.
    if (!transform->takes_resampling() || sample.resampling.is_cropped()) sample.apply_warp();
    transform->apply(sample, rng);
  }
  sample.apply_warp();
}

Augmentation read_augmentation(JsonObject& data) {
  const Json* list = data.find("augmentation");
  if (list == nullptr || list->is_null() || (list->is_array() && list->empty())) return {};
  std::vector<std::unique_ptr<Transform>> transforms;
  for (JsonObject& object : data.objects("augmentation")) {
    auto transform = make_named(kTransforms, "transform", object);
    if (transform == nullptr) continue;
    transform->pointer = object.pointer();
    transforms.push_back(std::move(transform));
  }
  return Augmentation(std::move(transforms));
}

}  // namespace lucid
