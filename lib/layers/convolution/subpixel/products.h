#pragma once

#include <string>
#include <vector>

#include "layers/convolution/problem/route.h"
#include "layers/convolution/subpixel/interleaving.h"

namespace lucid {

// Some phases that one convolution of stride 1 computes.
struct PhasePart {
  PhasePacking packing;
  Problem problem;         // that convolution
  std::int64_t first = 0;  // offset of its y within all phases, in elements
};

struct PhaseValues {
  Value x, weight;  // as the first part read them; the weight before it was reordered
  Value phases;     // of all parts
};

// All phases share one convolution, whose kernels have as many taps as the largest one, or each
// phase has a convolution of its own.
enum class PhaseSplit { kTogether, kByPhase };

// Computes a transposed convolution as convolutions of stride 1 over its phases, whose voxels are
// then interleaved.
class PhaseProducts {
 public:
  PhaseProducts(const Problem& transposed, PhaseSplit split, const Library& library);

  const Problem& problem() const { return problem_; }
  const std::vector<PhasePart>& parts() const { return parts_; }
  // oneDNN has sound code that copies no columns for every part.
  bool is_native(const Library& library) const;

  // Records the products of x and a weight in PhasePacking::stored_layout().
  PhaseValues record(PlanBuilder& b, Value x, Value stored_weight) const;
  // Records y from the phases, with the bias, which may be empty, and the epilogue.
  Value record_output(PlanBuilder& b, const std::string& step, Value phases, Value bias) const;
  Interleaving interleaving() const;
  // The order of y: that of the phases, unless its blocks would hold channels of two groups.
  onednn::Order output_order() const;
  static Value packed_weight(PlanBuilder& b, const PhasePart& part, Value stored);

 private:
  void add(PhasePacking packing, const Library& library);
  Problem problem_of(const PhasePacking& packing) const;
  Value record_part(PlanBuilder& b, const PhasePart& part, const Layout& x_layout,
                    PhaseValues& values, Value stored_weight) const;

  Problem problem_;
  std::vector<PhasePart> parts_;
  onednn::Order order_ = onednn::Order::kPlain;
  std::int64_t elements_ = 0;  // of all phases
};

}  // namespace lucid
