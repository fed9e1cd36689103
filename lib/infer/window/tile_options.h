#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "infer/window/blend.h"

namespace lucid {

// How volumes are cut into windows for the network.
struct TileOptions {
  std::optional<Triple> patch;          // d h w of a window; empty: what the network was trained on
  bool takes_largest = false;           // ... or the largest that fits `memory_mib`
  std::optional<double> overlap = 0.5;  // of a window; empty: as the receptive field needs it
  Blend blend = Blend::kGaussian;
  bool flips = false;  // the mean over all eight ways to turn a window around along its axes
  std::optional<std::int64_t> memory_mib;  // empty: half of the machine's
};

// "64", "32,64,64" or "auto"; "0.5" or "auto". Throw Error(kUsage).
void read_patch(const std::string& text, TileOptions& options);
void read_overlap(const std::string& text, TileOptions& options);

}  // namespace lucid
