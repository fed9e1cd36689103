#pragma once

#include "layers/convolution/problem/problem.h"
#include "layers/pool/pooling.h"

namespace lucid {

// The max pooling of 2x2x2 voxels behind a convolution and its ReLU, computed by the step of the
// convolution: its output is the pooled tensor, and the other one is never written.
struct FusedPool {
  Pooling pooling;
  Value index{};  // the bytes of the maxima's places, for the backward pass; empty in inference

  // The largest even extents: a pooling leaves out the rest, which then is not computed.
  Triple even_output() const;
};

// The gradient of a pooled output, and what the forward pass left for it.
struct PooledGradient {
  Value dy, y, index;
};

// Takes the pooling over where it follows the problem's ReLU, and nothing else reads that; `y` is
// the layout of the outputs. Returns nullopt elsewhere, and where y is not what is pooled.
std::optional<FusedPool> take_pool(PlanBuilder& b, const Problem& problem, const Layout& y);

// Names a step after what it takes over, and adds the places that it writes to its arguments.
std::string step_name(const std::string& convolution, const std::optional<FusedPool>& pool);
void add_index(const std::optional<FusedPool>& pool, std::vector<Argument>& arguments);

}  // namespace lucid
