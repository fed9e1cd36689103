#include "layers/layer/window.h"

namespace lucid {

namespace {

[[noreturn]] void refuse(const Window& w, const Triple& input) {
  Triple extent{}, padded{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    extent[axis] = w.extent(axis);
    padded[axis] = input[axis] + w.pad_low[axis] + w.pad_high[axis];
  }
  throw Error(ExitCode::kUsage, "a window of " + triple_text(extent) +
                                    " voxels does not fit the padded input of " +
                                    triple_text(padded) + ": the output would be empty");
}

}  // namespace

Triple output_extents(const Window& w, const Triple& input) {
  Triple output{};
  for (std::size_t axis = 0; axis < output.size(); ++axis) {
    const std::int64_t stride = w.stride[axis];
    const std::int64_t room = input[axis] + w.pad_low[axis] + w.pad_high[axis] - w.extent(axis) +
                              (w.ceil_mode ? stride - 1 : 0);
    if (room < 0) refuse(w, input);
    output[axis] = room / stride + 1;
    if (w.ceil_mode && (output[axis] - 1) * stride >= input[axis] + w.pad_low[axis]) --output[axis];
    if (output[axis] < 1) refuse(w, input);
  }
  return output;
}

LayerReceptiveField window_receptive_field(const Window& w, std::size_t axis) {
  return {.stride = w.stride[axis],
          .low = static_cast<double>(-w.pad_low[axis]),
          .high = static_cast<double>(w.extent(axis) - 1 - w.pad_low[axis])};
}

Triple spatial_extents(const Shape& sample) {
  if (sample.rank() != 4)
    throw Error(ExitCode::kUsage, "expected an input of (C, D, H, W), found " + sample.str());
  return {sample[1], sample[2], sample[3]};
}

std::string triple_text(const Triple& triple) {
  return std::to_string(triple[0]) + "x" + std::to_string(triple[1]) + "x" +
         std::to_string(triple[2]);
}

}  // namespace lucid
