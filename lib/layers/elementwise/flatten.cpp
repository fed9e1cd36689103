#include <nlohmann/json.hpp>

#include "layers/layer/layers.h"

namespace lucid {
namespace {

// (N, C, D, H, W) -> (N, C*D*H*W): a view where the input is plain, a reorder to plain otherwise.
class Flatten : public Layer {
 public:
  Shape output_shape(std::span<const Shape> inputs) const override {
    return {inputs[0].elements()};
  }

  std::optional<LayerReceptiveField> receptive_field(std::size_t) const override { return {}; }
  Fusion fusion(std::span<const Shape>) const override { return {.passes_bytes = true}; }

  Backward compile(PlanBuilder& b) const override {
    const onednn::Type type = onednn::data_type(b.layout(b.input()));
    const Layout plain = onednn::plain_layout(onednn::extents(b.layout(b.input())), type);
    const Shape shape = onednn::shape_of(plain);
    const Layout flat =
        onednn::plain_layout(onednn::Dims{shape[0], shape.elements() / shape[0]}, type);
    b.set_output(b.view(b.in_layout(b.input(), plain), flat));
    if (!b.training()) return {};
    return [=](PlanBuilder& back) {
      if (back.needs_input_gradient())
        back.set_input_gradient(back.view(back.output_gradient(flat), plain));
    };
  }
};

}  // namespace

std::unique_ptr<Layer> make_flatten(JsonObject& object) {
  object.only("start_dim", 1);
  object.only("end_dim", -1);
  return std::make_unique<Flatten>();
}

}  // namespace lucid
