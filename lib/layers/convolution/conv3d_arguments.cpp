#include "layers/convolution/conv3d_arguments.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace lucid {
namespace {

const std::vector<std::string> kPaddingWords = {"same", "valid"};

// A number, [d, h, w], 'valid' (none) or 'same' (the output is as large as the input; the odd voxel
// goes to the high side).
void read_padding(JsonObject& object, Window& window) {
  const Json* value = object.find("padding");
  if (value == nullptr || !value->is_string()) {
    window.pad_low = window.pad_high = object.triple("padding", kPaddingRange, Triple{0, 0, 0});
    return;
  }
  const auto word = value->get<std::string>();
  if (word != "same" && word != "valid") {
    const std::string best = closest_match(word, kPaddingWords);
    object.error("padding",
                 "expected 'same', 'valid', an integer >= 0 or [d, h, w] of them, found " +
                     in_quotes(word) +
                     (best.empty() ? "" : "; did you mean " + in_quotes(best) + "?"));
  }
  if (word != "same") return;
  if (window.stride != Triple{1, 1, 1})
    object.error("padding", "expected numbers where the stride is not 1, found 'same'");
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::int64_t total = window.extent(axis) - 1;
    window.pad_low[axis] = total / 2;
    window.pad_high[axis] = total - total / 2;
  }
}

}  // namespace

Conv3DArguments read_conv3d_arguments(JsonObject& object) {
  constexpr IntegerRange kChannels{1, 1 << 24};
  Conv3DArguments a;
  if (object.has("in_channels")) a.in_channels = object.integer("in_channels", kChannels);
  a.out_channels = object.integer("out_channels", kChannels);
  a.window.kernel = object.triple("kernel_size", kKernelRange);
  a.window.stride = object.triple("stride", kStrideRange, Triple{1, 1, 1});
  a.window.dilation = object.triple("dilation", kStrideRange, Triple{1, 1, 1});
  read_padding(object, a.window);
  a.groups = object.integer("groups", kChannels, 1);
  a.bias = object.boolean("bias", true);
  static const std::vector<std::string> kModes = {"zeros", "reflect", "replicate"};
  const std::string mode = object.choice("padding_mode", kModes, "zeros");
  if (mode == "reflect") a.padding_mode = PaddingMode::kReflect;
  if (mode == "replicate") a.padding_mode = PaddingMode::kReplicate;
  object.only_null({"device", "dtype"});
  if (a.out_channels % a.groups != 0 && object.is_sound())
    object.error("groups", "expected a divisor of the " + std::to_string(a.out_channels) +
                               " output channels, found " + std::to_string(a.groups));
  return a;
}

}  // namespace lucid
