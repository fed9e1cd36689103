#pragma once

#include <cstdint>

#include "kernels/layout/channel_groups.h"
#include "tensor/byte_scale.h"

namespace lucid::bytes {

// Rounds floats to the nearest bytes. What lies beyond the first or the last byte becomes that one,
// padding the byte of 0. x and y may lie in different orders.
void to_bytes(const ChannelRuns& from, const float* x, const ChannelRuns& to, ByteScale scale,
              std::uint8_t* y);

void to_floats(std::int64_t count, const std::uint8_t* x, ByteScale scale, float* y);

}  // namespace lucid::bytes
