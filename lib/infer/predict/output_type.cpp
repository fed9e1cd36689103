#include "infer/predict/output_type.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "kernels/simd/clones.h"
#include "kernels/simd/finite.h"

namespace lucid {
namespace {

constexpr float kOne = 255;  // the value of probability 1

bool fits(OutputType type, Activation activation, Shape::Extent channels) {
  if (activation == Activation::kArgmax) {
    const Shape::Extent most = type == OutputType::kUint8 ? 256 : 65536;
    return type == OutputType::kInt32 ||
           ((type == OutputType::kUint8 || type == OutputType::kUint16) && channels <= most);
  }
  if (type == OutputType::kFloat32 || type == OutputType::kFloat16) return true;
  return type == OutputType::kUint8 && activation != Activation::kNone;
}

std::string fitting(Activation activation, Shape::Extent channels) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < output_type_names().size(); ++i)
    if (fits(static_cast<OutputType>(i), activation, channels))
      names.push_back(output_type_names()[i]);
  return join(names, ", ");
}

// Rounds to nearest even. Values beyond 65504 become infinite; a NaN stays a NaN.
LUCID_INLINE std::uint16_t half_of(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 16 & 0x8000U, magnitude = bits & 0x7fffffffU;
  constexpr std::uint32_t kInfinity = 0x7f800000U, kSmallestNormal = 113U << 23,
                          kOverflow = (127U + 16U) << 23, kExponentShift = 112U << 23;
  const std::uint32_t rounded =
      (magnitude - kExponentShift + 0xfffU + (magnitude >> 13 & 1U)) >> 13;
  // Adding a power of two moves the bits of a small number to the low end and rounds them.
  const std::uint32_t small =
      std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5F) - (126U << 23);
  std::uint32_t half = magnitude < kSmallestNormal ? small : rounded;
  half = magnitude >= kOverflow ? 0x7c00U : half;
  half = magnitude > kInfinity ? 0x7e00U : half;
  return static_cast<std::uint16_t>(sign | half);
}

LUCID_CLONED(void, to_halves, (const float* from, std::size_t count, std::uint16_t* to),
             (from, count, to)) {
  for (std::size_t i = 0; i < count; ++i) to[i] = half_of(from[i]);
}

template <class Integer>
LUCID_INLINE void round_all(const float* from, std::size_t count, float scale, Integer* to) {
  constexpr auto kMost = static_cast<float>(std::min<std::int64_t>(
      std::numeric_limits<Integer>::max(), std::int64_t{1} << 24));  // representable as a float
  for (std::size_t i = 0; i < count; ++i) {
    const float scaled = from[i] * scale;
    const float clamped = scaled > 0 ? (scaled < kMost ? scaled : kMost) : 0.F;  // a NaN becomes 0
    to[i] = static_cast<Integer>(clamped + 0.5F);
  }
}

LUCID_CLONED(void, to_bytes, (const float* from, std::size_t count, float scale, std::uint8_t* to),
             (from, count, scale, to)) {
  round_all(from, count, scale, to);
}
LUCID_CLONED(void, to_shorts, (const float* from, std::size_t count, std::uint16_t* to),
             (from, count, to)) {
  round_all(from, count, 1, to);
}
LUCID_CLONED(void, to_integers, (const float* from, std::size_t count, std::int32_t* to),
             (from, count, to)) {
  round_all(from, count, 1, to);
}

// Writes the largest value, or -1 if there are negative ones, where no class is known.
template <class Integer>
void put_no_class(std::span<const float> classes, Integer* to) {
  constexpr bool kIsSigned = std::numeric_limits<Integer>::is_signed;
  constexpr auto kNoClass =
      static_cast<Integer>(kIsSigned ? -1 : std::numeric_limits<Integer>::max());
  if (is_finite(classes)) return;
  for (std::size_t i = 0; i < classes.size(); ++i)
    if (std::isnan(classes[i])) to[i] = kNoClass;
}

}  // namespace

const std::vector<std::string>& output_type_names() {
  static const std::vector<std::string> names = {"float32", "float16", "uint8", "uint16", "int32"};
  return names;
}

OutputType output_type_named(const std::string& name) {
  const auto at = std::ranges::find(output_type_names(), name);
  assert(at != output_type_names().end());
  return static_cast<OutputType>(at - output_type_names().begin());
}

OutputFormat::OutputFormat(std::optional<OutputType> type, Activation activation,
                           Shape::Extent channels)
    : type_(type.value_or(activation == Activation::kArgmax ? OutputType::kInt32
                                                            : OutputType::kFloat32)),
      activation_(activation) {
  if (fits(type_, activation, channels)) return;
  throw Error(ExitCode::kUsage,
              "--output-type: expected one of " + fitting(activation, channels) +
                  " for the activation " +
                  in_quotes(activation_names()[static_cast<std::size_t>(activation)]) + " of " +
                  std::to_string(channels) + " channels, found " +
                  in_quotes(output_type_names()[static_cast<std::size_t>(type_)]));
}

std::size_t OutputFormat::element_bytes() const {
  if (type_ == OutputType::kUint8) return 1;
  return type_ == OutputType::kFloat16 || type_ == OutputType::kUint16 ? 2 : 4;
}

std::optional<ElementType> OutputFormat::element() const {
  static constexpr ElementType kElements[] = {ElementType::kFloat32, ElementType::kFloat32,
                                              ElementType::kUint8, ElementType::kUint16,
                                              ElementType::kInt32};
  if (type_ == OutputType::kFloat16) return std::nullopt;
  return kElements[static_cast<std::size_t>(type_)];
}

double OutputFormat::scale() const { return is_scaled() ? 1 / static_cast<double>(kOne) : 1; }

bool OutputFormat::is_scaled() const {
  return type_ == OutputType::kUint8 && activation_ != Activation::kArgmax;
}

void OutputFormat::convert(std::span<const float> values, std::byte* out) const {
  const std::size_t count = values.size();
  switch (type_) {
    case OutputType::kFloat32:
      std::ranges::copy(std::as_bytes(values), out);
      return;
    case OutputType::kFloat16:
      return to_halves(values.data(), count, reinterpret_cast<std::uint16_t*>(out));
    case OutputType::kUint8:
      to_bytes(values.data(), count, is_scaled() ? kOne : 1, reinterpret_cast<std::uint8_t*>(out));
      if (!is_scaled()) put_no_class(values, reinterpret_cast<std::uint8_t*>(out));
      return;
    case OutputType::kUint16:
      to_shorts(values.data(), count, reinterpret_cast<std::uint16_t*>(out));
      return put_no_class(values, reinterpret_cast<std::uint16_t*>(out));
    case OutputType::kInt32:
      to_integers(values.data(), count, reinterpret_cast<std::int32_t*>(out));
      return put_no_class(values, reinterpret_cast<std::int32_t*>(out));
  }
}

void OutputFormat::create(hdf5::Writer& writer, const std::string& path, const Shape& shape,
                          const hdf5::Storage& storage) const {
  if (type_ == OutputType::kFloat16) return writer.create_float16(path, shape, storage);
  writer.create(path, *element(), shape, storage);
}

void OutputFormat::describe(hdf5::Writer& writer, const std::string& path) const {
  writer.set_attribute(path, "activation",
                       activation_names()[static_cast<std::size_t>(activation_)]);
  if (is_scaled()) writer.set_attribute(path, "scale", scale());
}

}  // namespace lucid
