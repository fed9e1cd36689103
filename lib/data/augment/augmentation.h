#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "data/augment/transform.h"
#include "data/volumes/dataset.h"

namespace lucid {

// Implements "augmentation" of the data section: random changes of training samples, in the order
// of the list. A sample depends on the generator alone.
class Augmentation {
 public:
  Augmentation() = default;
  explicit Augmentation(std::vector<std::unique_ptr<Transform>> transforms);

  bool is_empty() const { return transforms_.empty(); }
  bool moves_voxels() const;
  bool crops() const;
  std::array<bool, 3> mirrored() const;  // the axes d, h, w with mirror images

  // Return the shapes after augmentation. Targets that are not voxels keep theirs.
  Shape sample_shape(const Dataset& set) const;
  Shape target_shape(const Dataset& set) const;

  // Reports what does not fit the set, or labels 0 .. classes - 1 and `ignore_index`.
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
