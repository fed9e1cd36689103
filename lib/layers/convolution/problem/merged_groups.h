#pragma once

#include "layers/convolution/problem/problem.h"
#include "plan/builder.h"

namespace lucid {

// Computes several groups of a convolution as one, where single ones fill no blocks: their weights
// stand on the diagonal of a larger weight whose other elements are zero. That is more work, but
// work for a fast kernel.
class MergedGroups {
 public:
  // Merges the fewest groups that fill blocks together, or all where none do.
  MergedGroups(const Problem& problem, std::int64_t lanes);

  bool merges() const { return merged_ > 1; }
  // The convolution of the merged groups; the problem itself where nothing is merged.
  Problem problem() const;

  Value weight(PlanBuilder& b, const Layout& wanted) const;
  // Returns the gradient of the layer's own weight, in plain order.
  Value weight_gradient(PlanBuilder& b, Value merged) const;

 private:
  bool fills(std::int64_t block) const;
  Layout merged_layout() const { return onednn::plain_layout(problem().weight_extents()); }
  // Calls body(offset in the stored weight, offset in the merged one) for every run of elements
  // that stay neighbours.
  template <class Body>
  void for_each_run(const Body& body) const;
  std::int64_t run() const { return of_.group_inputs * of_.taps(); }

  Problem of_;
  std::int64_t merged_ = 1;  // groups of the layer that become one
};

}  // namespace lucid
