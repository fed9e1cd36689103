#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "infer/window/blend.h"
#include "infer/window/flips.h"

namespace lucid {

// Describes how volumes are cut into windows for the network.
struct TileOptions {
  // The size of a window along d, h, w; empty: the size the network was trained on.
  std::optional<Triple> patch;
  // Use the largest window that fits into `memory_mib`.
  bool takes_largest = false;
  // The share of a window that it overlaps its neighbour by; empty: derived from the receptive
  // field.
  std::optional<double> overlap = 0.5;
  Blend blend = Blend::kGaussian;
  // Average the predictions over the mirror images of a window along these axes, or along those
  // that training mirrored, which infer() puts in their place.
  Flips flips{};
  bool flips_as_trained = false;
  std::optional<std::int64_t> memory_mib;  // empty: half of the machine's memory

  // True if nothing is asked for that only windows have.
  bool is_only_flips() const {
    return (flips_as_trained || flips != Flips{}) && !patch && !takes_largest && overlap == 0.5 &&
           blend == Blend::kGaussian;
  }
};

// Parse "64", "32,64,64" or "auto", "0.5" or "auto", and "none", "flips" or letters of d, h, w.
// Throw Error(kUsage).
void read_patch(const std::string& text, TileOptions& options);
void read_overlap(const std::string& text, TileOptions& options);
void read_tta(const std::string& text, TileOptions& options);

}  // namespace lucid
