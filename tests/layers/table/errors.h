#pragma once

#include <string>
#include <vector>

namespace lucid::test {

// The message for a network over 4 channels of 8x8x8 voxels; empty when it is accepted.
std::string errors_in(const std::string& layers);

struct ErrorRow {
  std::string arguments;  // of the layer, beside its type
  std::string message;    // after "model.json: /layers/0"
};

// A row a network of one layer.
void check(const std::string& layer, const std::vector<ErrorRow>& rows);

}  // namespace lucid::test
