#pragma once

#include "kernels/channel_groups.h"
#include "tensor/tensor.h"

namespace lucid {

// The channels of an (N, C, D, H, W) in one of the orders that our own kernels know.
ChannelGroups groups_of(const Shape& shape, onednn::Order order);

}  // namespace lucid
