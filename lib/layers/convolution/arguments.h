#pragma once

#include <optional>

#include "layers/layer/window.h"
#include "layers/resample/padding.h"

namespace lucid {

struct Conv3DArguments {
  std::optional<std::int64_t> in_channels;
  std::int64_t out_channels = 1, groups = 1;
  Window window{};
  PaddingMode padding_mode = PaddingMode::kZeros;
  bool bias = true;

  // oneDNN's convolutions pad with zeros; in other modes a step before them pads.
  bool pads_before() const {
    return padding_mode != PaddingMode::kZeros &&
           (window.pad_low != Triple{} || window.pad_high != Triple{});
  }
};

// Reports what is wrong with them to the object.
Conv3DArguments read_conv3d_arguments(JsonObject& object);

}  // namespace lucid
