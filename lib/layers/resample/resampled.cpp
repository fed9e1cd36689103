#include "layers/resample/resampled.h"

namespace lucid {
namespace {

Shape resampled_shape(const Shape& input, const Resampling& r) {
  return {input[0], input[1], r.axis(0).outputs(), r.axis(1).outputs(), r.axis(2).outputs()};
}

}  // namespace

Resampled::Resampled(const Shape& input, onednn::Order order, std::array<AxisTaps, 3> axes)
    : resampling_(std::move(axes)) {
  const Shape output = resampled_shape(input, resampling_);
  in_ = onednn::ordered_layout(input.extents(), order);
  out_ = onednn::ordered_layout(output.extents(), order);
  from_ = groups_of(input, order);
  to_ = groups_of(output, order);
}

Value Resampled::record(PlanBuilder& b, const std::string& what, Value x) const {
  const Value y = b.produce(out_);
  b.host_step(what, "lucid:resample", {reads(Slot::kX, b.in_layout(x, in_)), writes(Slot::kY, y)},
              [resampling = resampling_, from = from_, to = to_](const StepArguments& step) {
                resample(resampling, from, to, step.in(Slot::kX), step.out(Slot::kY));
              });
  return y;
}

Value Resampled::record_gradient(PlanBuilder& b, const std::string& what, Value dy) const {
  const Shape input = onednn::shape_of(in_);
  const Value dx = b.produce(in_);
  b.host_step(what, "lucid:resample",
              {reads(Slot::kDy, b.in_layout(dy, out_)), writes(Slot::kDx, dx)},
              [transposed = resampling_.transposed({input[2], input[3], input[4]}), from = to_,
               to = from_](const StepArguments& step) {
                resample(transposed, from, to, step.in(Slot::kDy), step.out(Slot::kDx));
              });
  return dx;
}

}  // namespace lucid
