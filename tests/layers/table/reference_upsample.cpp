#include "layers/table/reference_layer.h"
#include "support/reference_resample.h"

namespace lucid::test {
namespace {

AxisMix axis_of(const Json& layer, std::size_t axis, std::int64_t input) {
  const bool has_size = layer.contains("size");
  const Json& given = layer.at(has_size ? "size" : "scale_factor");
  const Json& value = given.is_array() ? given.at(axis) : given;
  const double factor = has_size ? 0 : value.get<double>();
  const std::int64_t output = has_size
                                  ? value.get<std::int64_t>()
                                  : static_cast<std::int64_t>(static_cast<double>(input) * factor);
  double ratio = has_size ? static_cast<double>(input) / static_cast<double>(output) : 1 / factor;
  if (layer.value("mode", "nearest") == std::string("nearest"))
    return nearest(input, output, ratio);
  if (input == output) ratio = 1;
  const bool aligns = layer.value("align_corners", false);
  if (aligns)
    ratio = output > 1 ? static_cast<double>(input - 1) / static_cast<double>(output - 1) : 0;
  return interpolated(input, output, ratio, aligns);
}

}  // namespace

ReferenceResult reference_upsample(const ReferenceCall& call) {
  const Array& x = call.inputs[0];
  const Mix mix = {axis_of(call.layer, 0, x.shape[2]), axis_of(call.layer, 1, x.shape[3]),
                   axis_of(call.layer, 2, x.shape[4])};
  return {mixed(x, mix), [shape = x.shape, mix](const Array& dy) {
            return std::vector{mixed_gradient(dy, shape, mix)};
          }};
}

}  // namespace lucid::test
