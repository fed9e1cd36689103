#include "layers/convolution/byte_convolution.h"

#include "layers/weighted/byte_products.h"

namespace lucid {

const char* why_not_bytes(const Conv3DArguments& a, const Shape& input) {
  if (a.groups > 1) return "it has groups";
  if (a.pads_before()) return "it does not pad with zeros";
  return why_not_bytes(checked_product(input[0], a.window.volume()), a.out_channels);
}

void compile_in_bytes(PlanBuilder& b, const Conv3DArguments& a) {
  const Shape src = onednn::shape_of(b.layout(b.input()));
  const Triple input{src[2], src[3], src[4]}, output = output_extents(a.window, input);
  const Triple& k = a.window.kernel;
  record_byte_product(b, "convolution",
                      {.samples = src[0],
                       .inputs = src[1],
                       .outputs = a.out_channels,
                       .input = input,
                       .output = output,
                       .kernel = k,
                       .stride = a.window.stride,
                       .dilation = a.window.dilation,
                       .pad_low = a.window.pad_low},
                      {a.out_channels, src[1], k[0], k[1], k[2]}, a.bias,
                      {src[0], a.out_channels, output[0], output[1], output[2]});
}

}  // namespace lucid
