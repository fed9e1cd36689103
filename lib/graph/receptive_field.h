#pragma once

#include "graph/graph.h"

namespace lucid {

// Describes the receptive field of the main output along one axis: a voxel depends on so many
// voxels of the network's input before and behind its own place. `stride` is that of the coarsest
// grid in between: volumes that begin a multiple of it apart share that grid.
struct AxisField {
  std::int64_t before = 0, behind = 0, stride = 1;
  friend bool operator==(const AxisField&, const AxisField&) = default;
};

struct ReceptiveField {
  std::array<AxisField, 3> axes;  // d h w
  // Names the first layer that sees the whole volume; empty if none does.
  std::string unlimited;

  bool is_limited() const { return unlimited.empty(); }
};

// The axes leave out layers that see the whole volume, or that are bound to its size.
ReceptiveField receptive_field(const Graph& graph);

// Returns a field that holds both: a voxel of either depends on no other ones.
ReceptiveField joined(const ReceptiveField& a, const ReceptiveField& b);

}  // namespace lucid
