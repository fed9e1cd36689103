#pragma once

#include "graph/graph.h"

namespace lucid {

// Along one axis of the network's input: how many voxels before and behind its own place a voxel of
// the main output follows from, and the stride of the coarsest grid in between. Volumes that begin
// a multiple of `stride` apart have that grid in common.
struct AxisField {
  std::int64_t before = 0, behind = 0, stride = 1;
  friend bool operator==(const AxisField&, const AxisField&) = default;
};

struct ReceptiveField {
  std::array<AxisField, 3> axes;  // d h w
  std::string unlimited;  // names the first layer that sees the whole volume; empty: none does

  bool is_limited() const { return unlimited.empty(); }
};

// Layers that see the whole volume, or depend on its size, are left out of the axes.
ReceptiveField receptive_field(const Graph& graph);

}  // namespace lucid
