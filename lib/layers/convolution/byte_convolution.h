#pragma once
// Private to this room.

#include "layers/convolution/arguments.h"
#include "plan/builder.h"

namespace lucid {

// Says why a convolution of an input of (C, D, H, W) should not multiply bytes; null if it should.
const char* why_not_bytes(const Conv3DArguments& arguments, const Shape& input);

// Records a Conv3D whose input is bytes.
void compile_in_bytes(PlanBuilder& b, const Conv3DArguments& arguments);

}  // namespace lucid
