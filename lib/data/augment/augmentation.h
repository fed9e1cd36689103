#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "data/augment/transform.h"
#include "data/volumes/dataset.h"

namespace lucid {

// "augmentation" of the data section: random changes of training samples, in the order of the
// list. A sample is a function of the generator it is given alone.
class Augmentation {
 public:
  Augmentation() = default;
  explicit Augmentation(std::vector<std::unique_ptr<Transform>> transforms);

  bool is_empty() const { return transforms_.empty(); }
  bool moves_voxels() const;
  bool crops() const;

  // What it makes of a set's shapes. Targets that are no voxels stay as they are.
  Shape sample_shape(const Dataset& set) const;
  Shape target_shape(const Dataset& set) const;

  // Reports what does not fit the set, or the labels from 0 to classes - 1 and `ignore_index`.
  void check(const Dataset& set, ConfigErrors& errors) const;
  void check_labels(std::int64_t classes, std::optional<std::int64_t> ignore_index,
                    ConfigErrors& errors) const;

  void apply(AugmentedSample& sample, Rng& rng) const;

 private:
  Triple extents_of(const Dataset& set, ConfigErrors& errors) const;

  std::vector<std::unique_ptr<Transform>> transforms_;
};

Augmentation read_augmentation(JsonObject& data);

}  // namespace lucid
