#pragma once

#include <string>
#include <vector>

namespace lucid {

// The type of the tensors that convolutions and matrix products read and write. They accumulate in
// float32; parameters, their gradients, losses and optimizer states are always float32.
enum class Precision { kFloat32, kBfloat16 };

const std::vector<std::string>& precision_names();  // in the order of the enum
Precision precision_named(const std::string& name);

// Parses the value of a command-line argument; throws Error(kUsage) if the processor cannot compute
// in it.
Precision usable_precision(const std::string& argument, const std::string& name);

// Returns "expected ..., found ...; what to do" if the processor cannot compute in it, otherwise an
// empty text.
std::string precision_error(Precision precision);

}  // namespace lucid
