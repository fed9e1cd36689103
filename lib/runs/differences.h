#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runs/run.h"

namespace lucid {

// A value of config.json that is not the same in all runs, by its key as --set writes it:
// "optimizer.lr", "model.layers.0.out_channels". Lists of plain values are one value.
struct Difference {
  std::string key;
  std::vector<std::optional<Json>> values;  // by run; none where the key is missing
};

// In the order in which the configs have the keys. The runs' names are left out.
std::vector<Difference> differences(const std::vector<Run>& runs);

// Writes a value in one line, and nothing for a missing one.
std::string difference_text(const std::optional<Json>& value);

}  // namespace lucid
