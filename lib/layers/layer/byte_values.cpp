#include "layers/layer/byte_values.h"

#include "kernels/bytes/convert.h"
#include "layers/layer/channel_order.h"
#include "layers/layer/elements.h"

namespace lucid {
namespace {

void record(Recording& recording, const std::string& node, const std::string& what, Value from,
            Value to, HostFunction function) {
  recording.step({node,
                  what,
                  "lucid:bytes",
                  {},
                  {},
                  {reads(Slot::kX, from), writes(Slot::kY, to)},
                  std::move(function)});
}

}  // namespace

Layout byte_layout(const Layout& layout) {
  constexpr std::int64_t kLanes = 16;
  const onednn::Dims extents = onednn::extents(layout);
  if (extents.size() != 5) return onednn::plain_layout(extents, onednn::kByte);
  return onednn::ordered_layout(
      extents, extents[1] < kLanes ? onednn::Order::kChannelsLast : onednn::Order::kBlocked16,
      onednn::kByte);
}

Value to_bytes(Recording& recording, const std::string& node, Value value, ByteScale scale) {
  const Value x = recording.in_layout(node, value, with_runs(recording.layout(value)));
  const Value y = recording.produce(byte_layout(recording.layout(x)));
  record(recording, node, "to bytes", x, y,
         [from = runs_of(recording.layout(x)), to = runs_of(recording.layout(y)),
          scale](const StepArguments& step) {
           bytes::to_bytes(from, step.in(Slot::kX), to, scale, step.out<std::uint8_t>(Slot::kY));
         });
  return y;
}

Value to_floats(Recording& recording, const std::string& node, Value value, ByteScale scale) {
  const Layout& layout = recording.layout(value);
  const Value y = recording.produce(onednn::typed_layout(layout, onednn::kFloat));
  record(recording, node, "to floats", value, y,
         [count = element_count(recording.layout(value)), runs = runs_of(recording.layout(y)),
          scale](const StepArguments& step) {
           bytes::to_floats(count, step.in<std::uint8_t>(Slot::kX), scale, step.out(Slot::kY));
           clear_padding(runs, step.out(Slot::kY));
         });
  return y;
}

}  // namespace lucid
