#include "layers/convolution/routes.h"

#include <array>

#include "layers/convolution/routes/blocked_gradient.h"
#include "layers/convolution/routes/depthwise.h"
#include "layers/convolution/routes/first_layer.h"
#include "layers/convolution/routes/onednn.h"
#include "layers/convolution/routes/onednn_padded.h"
#include "layers/convolution/routes/pointwise.h"
#include "layers/convolution/routes/small_channel.h"
#include "layers/convolution/routes/small_volume.h"
#include "layers/convolution/routes/subpixel.h"
#include "layers/convolution/routes/winograd.h"
#include "layers/convolution/routes/winograd_3d.h"

namespace lucid {

const Routes& convolution_routes() {
  static const std::array list = {kDepthwiseRoute,   kPointwiseRoute,       kFirstLayerRoute,
                                  kWinograd3dRoute,  kWinogradRoute,        kSmallChannelRoute,
                                  kSmallVolumeRoute, kBlockedGradientRoute, kSubpixelByPhaseRoute,
                                  kSubpixelRoute,    kOneDnnPaddedRoute,    kOneDnnRoute};
  static const Routes routes(list);
  return routes;
}

}  // namespace lucid
