#include "layers/convolution/routes/onednn_padded.h"

#include "layers/convolution/routes/onednn.h"
#include "layers/resample/padding.h"
#include "layers/resample/resampled.h"

namespace lucid {
namespace {

// The pad step costs far less than oneDNN's products over copied columns; our kernel for blocked
// channels comes first where it is possible.
constexpr double kCost = 0.7;

Verdict judge(const Problem& p, Pass pass, const Layouts&, const Machine& machine) {
  if (pass != Pass::kWeightGradient) return impossible("computes weight gradients alone");
  if (p.is_transposed) return impossible("transposed");
  if (!p.is_float()) return impossible("not in float32");
  if (p.pad_low[0] == 0 && p.pad_high[0] == 0) return impossible("no padding along the depth");
  const Problem padded = padded_in_depth(p);
  if (!is_native(machine.library->quality(padded, pass)))
    return impossible("oneDNN has no native kernel without padding either");
  if (!machine.library->orders(padded, pass).x) return impossible("an order unknown to padding");
  const bool pays = !is_native(machine.library->quality(p, pass));
  return {nullptr, pays ? kCost : kDoesNotPay};
}

Recorded record(PlanBuilder& b, const Problem& p, Pass pass, const Operands& operands) {
  const Problem padded = padded_in_depth(p);
  const auto mode = PaddingMode::kZeros;
  const Resampled pad(Shape(p.x_extents()), *operands.machine.library->orders(padded, pass).x,
                      {padded_axis(mode, p.input[0], p.pad_low[0], p.pad_high[0]),
                       padded_axis(mode, p.input[1], 0, 0), padded_axis(mode, p.input[2], 0, 0)});
  Operands of_padded = operands;
  of_padded.x = pad.record(b, "padding in depth", operands.x);
  return kOneDnnRoute.record(b, padded, pass, of_padded);
}

}  // namespace

const Route kOneDnnPaddedRoute{"onednn_padded", judge, record};

}  // namespace lucid
