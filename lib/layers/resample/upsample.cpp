#include "layers/resample/upsample.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "layers/layer/window.h"
#include "layers/resample/resampled.h"

namespace lucid {
namespace {

using Factors = std::array<double, 3>;  // D, H, W

enum class Interpolation { kNearest, kTrilinear, kTrilinearAlignedCorners };

struct UpsampleArguments {
  std::optional<Triple> size;
  std::optional<Factors> scale_factor;  // one of the two is there
  Interpolation interpolation = Interpolation::kNearest;
};

// PyTorch rounds as float32 does here, and floors: other roundings choose other voxels.
AxisTaps nearest(std::int64_t input, std::int64_t output, double ratio) {
  const auto step = static_cast<float>(ratio);
  AxisTaps axis;
  for (std::int64_t o = 0; o < output; ++o) {
    const auto at = static_cast<std::int64_t>(std::floor(static_cast<float>(o) * step));
    axis.add_output({{std::min(at, input - 1), 1.F}});
  }
  return axis;
}

AxisTaps linear(std::int64_t input, std::int64_t output, double ratio, double shift) {
  AxisTaps axis;
  for (std::int64_t o = 0; o < output; ++o) {
    const double at = std::max(0.0, ratio * (static_cast<double>(o) + shift) - shift);
    const std::int64_t low = std::min(static_cast<std::int64_t>(at), input - 1);
    const double high_weight = std::min(1.0, at - static_cast<double>(low));
    if (low == input - 1 || high_weight == 0)
      axis.add_output({{low, 1.F}});
    else
      axis.add_output(
          {{low, static_cast<float>(1 - high_weight)}, {low + 1, static_cast<float>(high_weight)}});
  }
  return axis;
}

class Upsample : public Layer {
 public:
  explicit Upsample(UpsampleArguments arguments) : a_(arguments) {}

  Shape output_shape(std::span<const Shape> inputs) const override {
    const Triple out = voxels(spatial_extents(inputs[0]));
    return {inputs[0][0], out[0], out[1], out[2]};
  }

  std::optional<Reach> reach(std::size_t axis) const override;

  // A product and a sum for each of 2 neighbours along each axis.
  double flops(std::span<const Shape> inputs) const override {
    const bool is_nearest = a_.interpolation == Interpolation::kNearest;
    return is_nearest ? 0 : 16 * static_cast<double>(output_shape(inputs).elements());
  }

  Backward compile(PlanBuilder& b) const override {
    const Layout& layout = b.layout(b.input());
    const Shape in = onednn::shape_of(layout);
    const Triple from{in[2], in[3], in[4]}, to = voxels(from);
    const Resampled resampled(
        in, onednn::order_of(layout).value_or(onednn::Order::kPlain),
        {taps(0, from[0], to[0]), taps(1, from[1], to[1]), taps(2, from[2], to[2])});
    b.set_output(resampled.record(b, "upsample", b.input()));
    if (!b.training()) return {};
    return [=](PlanBuilder& back) {
      if (back.needs_input_gradient())
        back.set_input_gradient(
            resampled.record_gradient(back, "upsample gradient", back.output_gradient()));
    };
  }

 private:
  Triple voxels(const Triple& input) const;
  AxisTaps taps(std::size_t axis, std::int64_t input, std::int64_t output) const;

  UpsampleArguments a_;
};

Triple Upsample::voxels(const Triple& input) const {
  if (a_.size) return *a_.size;
  Triple output{};
  for (std::size_t i = 0; i < output.size(); ++i) {
    output[i] = static_cast<std::int64_t>(static_cast<double>(input[i]) * (*a_.scale_factor)[i]);
    if (output[i] < 1)
      throw Error(ExitCode::kUsage, "the scale_factor leaves nothing of an input of " +
                                        triple_text(input) + ": the output would be empty");
  }
  return output;
}

AxisTaps Upsample::taps(std::size_t axis, std::int64_t input, std::int64_t output) const {
  // A given factor counts as given, even where the output's extent is rounded down.
  const double ratio = a_.scale_factor ? 1 / (*a_.scale_factor)[axis]
                                       : static_cast<double>(input) / static_cast<double>(output);
  switch (a_.interpolation) {
    case Interpolation::kNearest:
      return nearest(input, output, ratio);
    case Interpolation::kTrilinear:
      return linear(input, output, input == output ? 1 : ratio, 0.5);
    case Interpolation::kTrilinearAlignedCorners:
      break;
  }
  const double between = static_cast<double>(output - 1);
  return linear(input, output, output > 1 ? static_cast<double>(input - 1) / between : 0, 0);
}

// Of whole factors: where corners are aligned, or a size is given, it depends on the input's size.
std::optional<Reach> Upsample::reach(std::size_t axis) const {
  const double factor = a_.scale_factor ? (*a_.scale_factor)[axis] : 0;
  if (factor < 1 || factor != std::floor(factor)) return {};
  const bool is_nearest = a_.interpolation == Interpolation::kNearest;
  if (a_.interpolation == Interpolation::kTrilinearAlignedCorners) return {};
  Reach reach{.scale = static_cast<std::int64_t>(factor)};
  for (double o = 0; o < factor; ++o) {
    const double at = is_nearest ? std::floor(o / factor) : (o + 0.5) / factor - 0.5;
    reach.low = std::min(reach.low, std::floor(at) - o / factor);
    reach.high = std::max(reach.high, std::ceil(at) - o / factor);
  }
  return reach;
}

constexpr NumberRange kFactorRange{0, 1 << 20, true};

// A number or [d, h, w].
std::optional<Factors> read_factors(JsonObject& object) {
  if (!object.has("scale_factor")) return {};
  const Json* value = object.find("scale_factor");
  if (!value->is_array()) {
    const double factor = object.number("scale_factor", kFactorRange);
    return Factors{factor, factor, factor};
  }
  const std::vector<double> factors = object.numbers("scale_factor", kFactorRange);
  if (factors.size() == 3) return Factors{factors[0], factors[1], factors[2]};
  if (object.is_sound()) object.expected("scale_factor", "a number > 0 or [d, h, w]", *value);
  return Factors{1, 1, 1};
}

Interpolation read_interpolation(JsonObject& object) {
  static const std::vector<std::string> kModes = {"nearest", "trilinear"};
  const bool is_nearest = object.choice("mode", kModes, "nearest") == "nearest";
  if (!object.has("align_corners"))
    return is_nearest ? Interpolation::kNearest : Interpolation::kTrilinear;
  const bool aligns = object.boolean("align_corners");
  if (!is_nearest)
    return aligns ? Interpolation::kTrilinearAlignedCorners : Interpolation::kTrilinear;
  object.error("align_corners", "expected it with mode 'trilinear' only");
  return Interpolation::kNearest;
}

}  // namespace

std::unique_ptr<Layer> make_upsample(JsonObject& object) {
  constexpr IntegerRange kExtent{1, 1 << 24};
  UpsampleArguments a;
  if (object.has("size")) a.size = object.triple("size", kExtent);
  a.scale_factor = read_factors(object);
  a.interpolation = read_interpolation(object);
  object.only_null({"recompute_scale_factor"});
  if (a.size && a.scale_factor)
    object.error("scale_factor", "expected either size or scale_factor, found both");
  if (!a.size && !a.scale_factor) {
    object.error("", "expected size or scale_factor, found neither");
    a.scale_factor = Factors{1, 1, 1};
  }
  return std::make_unique<Upsample>(a);
}

}  // namespace lucid
