#pragma once

#include "kernels/layout/channel_groups.h"
#include "tensor/tensor.h"

namespace lucid {

// Describes the channels of an (N, C, D, H, W) in one of the orders that lucid's kernels read.
ChannelGroups groups_of(const Shape& shape, onednn::Order order);

// Describes the channels of an (N, C, ...) in one of these orders, or plain of any rank.
ChannelRuns runs_of(const Layout& layout);
bool has_runs(const Layout& layout);

// Returns the layout itself if it has runs, else the plain layout of its extents.
Layout with_runs(const Layout& layout);

}  // namespace lucid
