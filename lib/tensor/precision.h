#pragma once

#include <string>
#include <vector>

namespace lucid {

// What convolutions and matrix products read and write. They add up in float32, and parameters,
// their gradients, losses and optimizers are float32 whatever it is.
enum class Precision { kFloat32, kBfloat16 };

const std::vector<std::string>& precision_names();  // in the order of the enum
Precision precision_named(const std::string& name);

// For a command line's argument; throws Error(kUsage) where the processor cannot compute in it.
Precision usable_precision(const std::string& argument, const std::string& name);

// "expected ..., found ...; what to do" where the processor cannot compute in it; empty where it
// can.
std::string precision_error(Precision precision);

}  // namespace lucid
