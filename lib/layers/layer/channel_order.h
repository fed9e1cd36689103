#pragma once

#include "kernels/layout/channel_groups.h"
#include "tensor/tensor.h"

namespace lucid {

// The channels of an (N, C, D, H, W) in one of the orders that our own kernels know.
ChannelGroups groups_of(const Shape& shape, onednn::Order order);

// Of an activation in one of these orders, or plain of any rank: (N, C, ...).
ChannelRuns runs_of(const Layout& layout);
bool has_runs(const Layout& layout);

// The layout itself if it has runs, else the plain one of its extents.
Layout with_runs(const Layout& layout);

}  // namespace lucid
