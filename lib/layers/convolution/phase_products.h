#pragma once

#include <optional>
#include <vector>

#include "layers/convolution/phase_interleaving.h"
#include "layers/layer/layer.h"

namespace lucid {

// A transposed convolution, and so the input's gradient of a strided one: what was that one's
// output is the input here.
struct PhaseConvolution {
  PhasePacking packing;
  Triple stride, padding, dilation;  // dilation from 1
  Shape input, output;               // (N, C, D, H, W)

  bool is_dilated() const { return dilation != Triple{1, 1, 1}; }
};

// Phases that one convolution of stride 1 computes.
struct PhasePart {
  using Dims = onednn::Dims;

  PhasePacking packing;
  Layout src, weights, dst;  // src and weights may be `any`
  Dims dilation, pad_low, pad_high;
  dnnl::convolution_forward::primitive_desc descriptor;
  std::int64_t first = 0;  // of dst within all phases, in numbers
};

// The types that the products read and write.
struct PhaseTypes {
  onednn::Type read = onednn::kFloat, written = onednn::kFloat;
};

struct PhaseValues {
  Value x, weight;  // as the first part read them; the weight before it was reordered
  Value phases;     // of all parts
};

// The products of a transposed convolution: one convolution for all phases, whose kernels all have
// as many taps as the largest one, or one for each phase.
class PhaseProducts {
 public:
  static PhaseProducts together(PlanBuilder& b, const PhaseConvolution& of, PhaseTypes types);
  // Empty where kernels are as good as equal, or oneDNN lacks code of its own for one of them.
  static std::optional<PhaseProducts> apart(PlanBuilder& b, const PhaseConvolution& of);

  const PhaseConvolution& of() const { return of_; }
  const std::vector<PhasePart>& parts() const { return parts_; }
  bool is_direct() const;  // no product over copied columns, no reference code

  // Records the products of an input and a weight as PhasePacking has it stored.
  PhaseValues record(PlanBuilder& b, Value x, Value stored_weight) const;
  // Records the output: the phases' voxels, with the ReLU that `by` applies. No bias: an empty one.
  Value record_output(PlanBuilder& b, const std::string& what, const Interleaving& by, Value phases,
                      Value bias) const;
  Interleaving interleaving() const;  // without a ReLU

 private:
  PhaseProducts(PlanBuilder& b, const PhaseConvolution& of, PhaseTypes types,
                std::vector<PhasePacking> packings);

  PhasePart part(const PhasePacking& packing, PhaseTypes types) const;
  onednn::Order output_order() const;

  PhaseConvolution of_;
  std::vector<PhasePart> parts_;
  onednn::Order order_ = onednn::Order::kPlain;
  std::int64_t numbers_ = 0;  // of all phases
};

}  // namespace lucid
