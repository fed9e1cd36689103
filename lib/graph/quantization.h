#pragma once

#include <vector>

#include "tensor/byte_scale.h"

namespace lucid {

// Says which nodes of a network multiply bytes, and which numbers the bytes of each node's output
// stand for. Empty lists mean that nothing is rounded to bytes.
struct Quantization {
  std::vector<bool> multiplies_bytes;  // by node
  std::vector<ByteScale> outputs;      // by node: of the node that computes the output
  ByteScale input;                     // of the network's input

  bool is_empty() const { return multiplies_bytes.empty(); }
  friend auto operator<=>(const Quantization&, const Quantization&) = default;
};

}  // namespace lucid
