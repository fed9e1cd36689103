#pragma once

#include <cstdint>

#include "kernels/layout/channel_groups.h"
#include "kernels/pool/window.h"

namespace lucid::bytes {

// The largest byte of every window, which stands for the largest number.
void max_pool(const PoolGeometry& geometry, const ChannelGroups& from, const ChannelGroups& to,
              const std::uint8_t* x, std::uint8_t* y);

}  // namespace lucid::bytes
