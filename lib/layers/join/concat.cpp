#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "kernels/resample/copy_channels.h"
#include "layers/layer/channel_order.h"
#include "layers/layer/elements.h"
#include "layers/layer/layers.h"

namespace lucid {
namespace {

// Describes the channels of one input, alone and within the output.
struct Part {
  Layout layout;
  std::int64_t first;                // channel of the output
  std::optional<std::size_t> begin;  // in bytes, if the input can be a part of the output
};

// Concatenates inputs along the channels. It needs no step if the layers before can write their
// outputs side by side. Otherwise we copy ourselves: oneDNN's concat reaches a fifth of the memory
// bandwidth, and its fast implementations do not support partly filled channel blocks.
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

  Fusion fusion(std::span<const Shape>) const override {
    return {.reads_bfloat16 = true, .passes_bytes = true};
  }
  Backward compile(PlanBuilder& b) const override;

 private:
  static Shape with_channels(const Shape& shape, std::int64_t channels) {
    std::vector<Shape::Extent> extents = shape.extents();
    extents[0] = channels;
    return Shape(extents);
  }
};

// Takes the order of the input with most channels, because the others are cheaper to reorder.
Layout joined_layout(PlanBuilder& b) {
  const Layout* widest = &b.layout(b.input());
  onednn::Dims joined = onednn::extents(*widest);
  joined[1] = 0;
  for (std::size_t i = 0; i < b.input_count(); ++i) {
    const Layout& layout = b.layout(b.input(i));
    joined[1] += onednn::extents(layout)[1];
    if (onednn::extents(layout)[1] > onednn::extents(*widest)[1]) widest = &layout;
  }
  const auto order = onednn::order_of(*widest).value_or(onednn::Order::kPlain);
  return onednn::ordered_layout(joined, order, onednn::data_type(*widest));
}

// Returns the offset of the input in the output if whole channel blocks of one sample are
// contiguous in both, otherwise nothing.
std::optional<std::size_t> begin_of(const Part& part, const Layout& joined) {
  constexpr std::size_t kCacheLine = 64;
  if (onednn::data_type(part.layout) != onednn::data_type(joined)) return std::nullopt;
  const ChannelRuns from = runs_of(part.layout), to = runs_of(joined);
  const bool is_alike = from.samples == 1 && from.lanes == to.lanes &&
                        from.run_stride == to.run_stride && from.voxel_stride == to.voxel_stride;
  const bool ends_whole =
      from.channels % from.lanes == 0 || part.first + from.channels == to.channels;
  if (!is_alike || !ends_whole || part.first % to.lanes != 0) return std::nullopt;
  const auto floats = static_cast<std::size_t>(part.first / to.lanes * to.run_stride);
  const std::size_t begin = floats * dnnl::memory::data_type_size(onednn::data_type(joined));
  return begin % kCacheLine == 0 ? std::optional(begin) : std::nullopt;
}

// Leaves every input in its layout if our kernels can read it.
std::vector<Part> parts_of(PlanBuilder& b, const Layout& joined) {
  std::vector<Part> parts;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < b.input_count(); ++i) {
    const Layout with_type =
        onednn::typed_layout(with_runs(b.layout(b.input(i))), onednn::data_type(joined));
    Part part{with_type, first, {}};
    first += onednn::extents(part.layout)[1];
    part.begin = begin_of(part, joined);
    parts.push_back(std::move(part));
  }
  return parts;
}

template <class Number>
HostFunction copying_step_of(std::vector<ChannelCopy> copies, const ChannelRuns& runs, Slot from,
                             Slot to) {
  return [=, copies = std::move(copies)](const StepArguments& step) {
    auto* result = step.out<Number>(to);
    for (std::size_t i = 0; i < copies.size(); ++i)
      copies[i].run(step.in<Number>(from, static_cast<int>(i)), result);
    clear_padding(runs, result);
  };
}

// Joins inputs or takes one apart: copies[i] reads `from` number i, and all write `to`.
HostFunction copying_step(const Layout& layout, std::vector<ChannelCopy> copies,
                          const ChannelRuns& runs, Slot from, Slot to) {
  if (onednn::data_type(layout) == onednn::kByte)
    return copying_step_of<std::uint8_t>(std::move(copies), runs, from, to);
  return with_element_type(layout, [&](auto number) {
    return copying_step_of<decltype(number)>(std::move(copies), runs, from, to);
  });
}

Value copied_gradient(PlanBuilder& back, const Part& part, const Layout& joined, Value dy) {
  const ChannelRuns runs = runs_of(part.layout);
  const Value dx = back.produce(part.layout);
  back.host_step(
      "concat gradient", "lucid:copy_channels", {reads(Slot::kDy, dy), writes(Slot::kDx, dx)},
      copying_step(joined, {ChannelCopy({runs_of(joined), part.first}, {runs}, runs.channels)},
                   runs, Slot::kDy, Slot::kDx));
  return dx;
}

// Returns parts of the gradient itself if no other node reads it, because layers may overwrite what
// they get.
void hand_back(PlanBuilder& back, const std::vector<Part>& parts, const Layout& joined) {
  const Value dy = back.output_gradient(joined);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!back.needs_input_gradient(i)) continue;
    back.set_input_gradient(parts[i].begin && back.owns(dy)
                                ? back.part(dy, parts[i].layout, *parts[i].begin)
                                : copied_gradient(back, parts[i], joined, dy),
                            i);
  }
}

// Copies the inputs that their layers cannot write directly into the output.
void record_copies(PlanBuilder& b, const std::vector<Part>& parts,
                   const std::vector<std::size_t>& copied, Value y) {
  const ChannelRuns to = runs_of(b.layout(y));
  std::vector<Argument> arguments;
  std::vector<ChannelCopy> copies;
  for (const std::size_t i : copied) {
    const ChannelRuns from = runs_of(parts[i].layout);
    arguments.push_back(
        reads(Slot::kX, b.in_layout(b.input(i), parts[i].layout), static_cast<int>(copies.size())));
    copies.push_back(ChannelCopy({from}, {to, parts[i].first}, from.channels));
  }
  arguments.push_back(writes(Slot::kY, y));
  b.host_step("concat", "lucid:copy_channels", std::move(arguments),
              copying_step(b.layout(y), std::move(copies), to, Slot::kX, Slot::kY));
}

Backward Concat::compile(PlanBuilder& b) const {
  const Layout joined = joined_layout(b);
  const std::vector<Part> parts = parts_of(b, joined);
  const Value y = b.produce(joined);
  std::vector<std::size_t> copied;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool fits = parts[i].begin && b.layout(b.input(i)) == parts[i].layout;
    if (!fits || !b.place_input(i, y, *parts[i].begin)) copied.push_back(i);
  }
  if (!copied.empty()) record_copies(b, parts, copied, y);
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
