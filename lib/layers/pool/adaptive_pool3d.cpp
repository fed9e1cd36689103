#include "layers/pool/adaptive_pool3d.h"

#include <nlohmann/json.hpp>

#include "layers/pool/avg_pool3d.h"
#include "layers/pool/max_pool3d.h"

namespace lucid {
namespace {

using Compile = Backward (*)(PlanBuilder&, const Window&);

// Of two equally near the larger one.
std::int64_t nearest_divisor(std::int64_t of, std::int64_t wanted) {
  if (wanted >= of) return of;
  for (std::int64_t distance = 0;; ++distance) {
    if (of % (wanted + distance) == 0) return wanted + distance;
    if (distance < wanted && of % (wanted - distance) == 0) return wanted - distance;
  }
}

// Windows of in / out voxels that tile the input: a pooling whose kernel follows from its input.
class AdaptivePool3D : public Layer {
 public:
  AdaptivePool3D(const Triple& output, Compile pool) : output_(output), pool_(pool) {}

  std::vector<ArgumentError> errors(std::span<const Shape> inputs) const override {
    if (inputs[0].rank() != 4) return {};
    const Triple input = spatial_extents(inputs[0]);
    Triple nearest{};
    for (std::size_t axis = 0; axis < 3; ++axis)
      nearest[axis] = nearest_divisor(input[axis], output_[axis]);
    if (nearest == output_) return {};
    return {{"output_size", "expected a size that divides the input's " + triple_text(input) +
                                ", found " + triple_text(output_) + "; the nearest is " +
                                triple_text(nearest)}};
  }

  Shape output_shape(std::span<const Shape> inputs) const override {
    spatial_extents(inputs[0]);
    return {inputs[0][0], output_[0], output_[1], output_[2]};
  }

  double flops(std::span<const Shape> inputs) const override {
    return static_cast<double>(inputs[0].elements());
  }

  std::optional<Reach> reach(std::size_t) const override { return {}; }
  Backward compile(PlanBuilder& b) const override {
    const Shape in = onednn::shape_of(b.layout(b.input()));
    Window w{};
    for (std::size_t axis = 0; axis < 3; ++axis) w.kernel[axis] = in[axis + 2] / output_[axis];
    w.stride = w.kernel;
    w.dilation = {1, 1, 1};
    return pool_(b, w);
  }

 private:
  Triple output_;
  Compile pool_;
};

std::unique_ptr<Layer> make(JsonObject& object, Compile pool) {
  return std::make_unique<AdaptivePool3D>(object.triple("output_size", kKernelRange), pool);
}

}  // namespace

std::unique_ptr<Layer> make_adaptive_avg_pool3d(JsonObject& object) {
  return make(object, [](PlanBuilder& b, const Window& w) { return compile_avg_pool(b, w, {}); });
}

std::unique_ptr<Layer> make_adaptive_max_pool3d(JsonObject& object) {
  object.only("return_indices", false);
  return make(object, compile_max_pool);
}

}  // namespace lucid
