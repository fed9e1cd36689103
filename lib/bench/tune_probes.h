#pragma once
// Private to this room.

#include <cstdint>
#include <span>
#include <vector>

#include "base/json.h"
#include "base/triple.h"
#include "plan/route_choice.h"

namespace lucid {

// A layer that one threshold decides about, for values that grow.
struct TuneProbe {
  const char *threshold, *route;
  Pass pass;
  std::span<const std::int64_t> values;
  // Its shape for a value.
  std::int64_t (*inputs_of)(std::int64_t), (*outputs_of)(std::int64_t);
  Triple (*size_of)(std::int64_t);
  bool reads_blocks = true;  // that another layer has written; else the network's input
  bool is_against_onednn_alone = false;
  bool grows_in_edge = false;  // a value is the edge of a cube, whose voxels the threshold counts

  // The network of this layer, "layer".
  Json model(std::int64_t value) const;
};

// In the order of their fields in Thresholds.
const std::vector<TuneProbe>& tune_probes();

}  // namespace lucid
