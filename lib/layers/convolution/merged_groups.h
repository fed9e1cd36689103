#pragma once

#include "layers/convolution/weight_gradient.h"

namespace lucid {

// Groups of a convolution that fill no blocks, several computed as one: their weights stand on the
// diagonal of a larger one, zeros beside them. More products, but those of a fast kernel.
class MergedGroups {
 public:
  // The fewest that fill blocks together; all of them where none do. One where they need no
  // merging.
  explicit MergedGroups(const Convolution& convolution);

  bool merges() const { return merged_ > 1; }
  Convolution convolution() const;  // of the merged groups

  Value weights(PlanBuilder& b, const Layout& wanted) const;
  void set_weight_gradient(PlanBuilder& b, Value merged) const;

 private:
  bool fills(std::int64_t block) const;  // of channels, as they are merged
  Layout merged_layout() const;
  // Calls body(run of the stored weights, the same of the merged ones): runs of `taps` floats.
  template <class Body>
  void for_runs(const Body& body) const;

  Convolution of_;
  std::int64_t groups_ = 1, outputs_ = 1, inputs_ = 1, taps_ = 1;  // outputs, inputs: of a group
  std::int64_t merged_ = 1;                                        // so many become one
};

}  // namespace lucid
