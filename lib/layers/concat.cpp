#include "layers/concat.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "kernels/copy_channels.h"
#include "layers/channel_order.h"

namespace lucid {
namespace {

// Where one input's channels lie, alone and in the output.
struct Part {
  Layout layout;
  std::int64_t first;  // channel of the output
};

// Inputs one behind the other along the channels. oneDNN's concat reaches a fifth of the memory's
// speed, and none of its fast ones knows blocks that are not full.
class Concat : public Layer {
 public:
  InputCount input_count() const override { return {2, std::numeric_limits<std::size_t>::max()}; }

  Shape output_shape(std::span<const Shape> inputs) const override {
    std::int64_t channels = 0;
    for (const Shape& shape : inputs) {
      if (shape.rank() != inputs[0].rank() ||
          with_channels(shape, 1) != with_channels(inputs[0], 1))
        throw Error(ExitCode::kUsage, "inputs differ outside channels");
      channels += shape[0];
    }
    return with_channels(inputs[0], channels);
  }

  Backward compile(PlanBuilder& b) const override;

 private:
  static Shape with_channels(const Shape& shape, std::int64_t channels) {
    std::vector<Shape::Extent> extents = shape.extents();
    extents[0] = channels;
    return Shape(extents);
  }
};

// The order of the widest input: the others are the cheaper ones to reorder.
Layout joined_layout(PlanBuilder& b) {
  const Layout* widest = &b.layout(b.input());
  onednn::Dims joined = onednn::extents(*widest);
  joined[1] = 0;
  for (std::size_t i = 0; i < b.input_count(); ++i) {
    const Layout& layout = b.layout(b.input(i));
    joined[1] += onednn::extents(layout)[1];
    if (onednn::extents(layout)[1] > onednn::extents(*widest)[1]) widest = &layout;
  }
  const auto order = onednn::order_of(*widest);
  return order ? onednn::ordered_layout(joined, *order) : onednn::plain_layout(joined);
}

// Every input that our kernels can read stays as it is.
std::vector<Part> parts_of(PlanBuilder& b) {
  std::vector<Part> parts;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < b.input_count(); ++i) {
    parts.push_back({with_runs(b.layout(b.input(i))), first});
    first += onednn::extents(parts.back().layout)[1];
  }
  return parts;
}

void hand_back(PlanBuilder& back, const std::vector<Part>& parts, const Layout& joined) {
  const Value dy = back.output_gradient(joined);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!back.needs_input_gradient(i)) continue;
    const ChannelRuns runs = runs_of(parts[i].layout);
    const Value dx = back.produce(parts[i].layout);
    back.host_step(
        "concat gradient", "lucid:copy_channels",
        {{DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_DIFF_SRC, dx}},
        [runs, copy = ChannelCopy({runs_of(joined), parts[i].first}, {runs}, runs.channels)](
            std::span<void* const> storage) {
          copy.run(static_cast<const float*>(storage[0]), static_cast<float*>(storage[1]));
          clear_padding(runs, static_cast<float*>(storage[1]));
        });
    back.set_input_gradient(dx, i);
  }
}

Backward Concat::compile(PlanBuilder& b) const {
  const Layout joined = joined_layout(b);
  const std::vector<Part> parts = parts_of(b);
  const ChannelRuns to = runs_of(joined);
  std::vector<Argument> arguments;
  std::vector<ChannelCopy> copies;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const ChannelRuns from = runs_of(parts[i].layout);
    copies.push_back(ChannelCopy({from}, {to, parts[i].first}, from.channels));
    arguments.push_back(
        {DNNL_ARG_MULTIPLE_SRC + static_cast<int>(i), b.in_layout(b.input(i), parts[i].layout)});
  }
  const Value y = b.produce(joined);
  arguments.push_back({DNNL_ARG_DST, y});
  b.host_step("concat", "lucid:copy_channels", std::move(arguments),
              [to, copies = std::move(copies)](std::span<void* const> storage) {
                auto* joint = static_cast<float*>(storage.back());
                for (std::size_t i = 0; i < copies.size(); ++i)
                  copies[i].run(static_cast<const float*>(storage[i]), joint);
                clear_padding(to, joint);
              });
  b.set_output(y);
  if (!b.training()) return {};
  return [=](PlanBuilder& back) { hand_back(back, parts, joined); };
}

}  // namespace

std::unique_ptr<Layer> make_concat(JsonObject& object) {
  object.only("dim", 1);
  return std::make_unique<Concat>();
}

}  // namespace lucid
