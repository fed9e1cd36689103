#pragma once
// Private to this room.

#include "base/json.h"
#include "planning/experiment/unet_model.h"

namespace lucid {

// The blocks of a planned U-Net, as "blocks" of a model has them.

// A convolution, its norm and LeakyReLU.
Json convolution_block(NormKind kind);

// How a residual block (BasicBlockD of nnU-Net's networks, after He et al., "Bag of tricks for
// image classification with convolutional neural networks", CVPR 2019) turns its input into what it
// adds. At first it computes nothing else: the weights of its last norm start from 0.
enum class Skip {
  kIdentity,
  kPooled,    // the mean over each stride
  kProjected  // and a 1x1x1 convolution to the output's channels, with a norm
};

// "residual", "residual_pool" or "residual_down".
const char* block_name(Skip skip);
Json residual_block(Skip skip, NormKind kind);

}  // namespace lucid
