#pragma once
// Private to this room.

#include <functional>
#include <memory>
#include <vector>

#include "labels/component_walk.h"

namespace lucid {

// Keeps the labels of a component's voxels.
inline constexpr Label kKept = -1;

// A volume in which the voxels of each component have a new label or their own.
class ComponentFilter : public LabelPlanes {
 public:
  // Returns the new label, or kKept, of each component.
  using Choose = std::function<std::vector<Label>(const std::vector<Component>&)>;

  // Reads all of the input, which must outlive the filter.
  ComponentFilter(LabelPlanes& input, const ComponentRule& rule, const Choose& choose,
                  const LabelProgress& progress);

  const Triple& extents() const override { return input_.extents(); }
  void rewind() override;
  void read(std::span<Label> plane) override;

 private:
  LabelPlanes& input_;
  ComponentRule rule_;
  std::vector<Label> labels_;  // the new label of each part
  std::unique_ptr<ComponentWalk> walk_;
};

}  // namespace lucid
