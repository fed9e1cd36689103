#pragma once

#include <string>
#include <vector>

namespace lucid {

// The type of the tensors that convolutions and matrix products read and write. They accumulate in
// float32, and in int32 for int8, which is for inference alone; parameters, their gradients, losses
// and optimizer states are always float32.
enum class Precision { kFloat32, kBfloat16, kInt8 };

const std::vector<std::string>& precision_names();           // in the order of the enum
const std::vector<std::string>& training_precision_names();  // the first of them
Precision precision_named(const std::string& name);

// Parses the value of a command-line argument; throws Error(kUsage) if the processor cannot compute
// in it.
Precision usable_precision(const std::string& argument, const std::string& name);

// Returns "expected ..., found ...; what to do" if the processor cannot compute in it, otherwise an
// empty text.
std::string precision_error(Precision precision);

}  // namespace lucid
