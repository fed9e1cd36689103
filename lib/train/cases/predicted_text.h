#pragma once

#include <span>
#include <string>
#include <vector>

#include "objective/loss/loss.h"
#include "objective/prediction/outputs.h"

namespace lucid {

// Returns lines that tell what was predicted for a sample whose targets are no voxels, and the
// target: a class with its probability, or the first values.
std::vector<std::string> predicted_text(const Loss& loss, const OutputValues& sample,
                                        std::span<const float> target);

}  // namespace lucid
