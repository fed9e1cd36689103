#pragma once

#include <cstdint>
#include <vector>

#include "labels/label_planes.h"

namespace lucid {

// Voxels that share a face, at least an edge, or at least a corner are connected.
enum class Connectivity { kFaces = 6, kEdges = 18, kCorners = 26 };

// What connected voxels have in common to be one component.
enum class ComponentsOf {
  kEachLabel,   // one label other than 0
  kForeground,  // any label other than 0
  kBackground   // label 0
};

struct ComponentRule {
  ComponentsOf of = ComponentsOf::kEachLabel;
  Connectivity connectivity = Connectivity::kCorners;
};

// A connected component.
struct Component {
  std::int64_t voxels = 0;
  // Its label; 1 if it is one of the foreground. For one of the background: the only label that
  // encloses it, or 0 if it lies at the border of the volume or several labels enclose it.
  Label label = 0;
};

// The connected components of a volume, found in one pass, plane by plane, by union-find over the
// runs of rows. Memory: two planes and 20 bytes for each component and for each part that turned
// out to belong to another; it does not grow with the voxels.
class Components {
 public:
  // Throws Error(kFailed) if there are more parts than 2^32 - 1.
  Components(LabelPlanes& labels, const ComponentRule& rule, const LabelProgress& progress);

  // In the order of their first voxels.
  const std::vector<Component>& all() const { return components_; }
  // Returns for each number that a second pass gives to a run of voxels the index of its component
  // in all().
  const std::vector<std::uint32_t>& index_of_part() const { return parts_; }

 private:
  void count(LabelPlanes& labels, const ComponentRule& rule, const LabelProgress& progress);
  void collect();

  std::vector<Component> components_;  // of each part, until they are collected
  std::vector<std::uint32_t> parts_;   // the parent of each part in the union-find, until then
};

}  // namespace lucid
