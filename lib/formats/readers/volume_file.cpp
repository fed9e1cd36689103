#include "formats/readers/volume_file.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

void swap_bytes(std::span<std::byte> values, std::size_t size) {
  for (std::size_t at = 0; at + size <= values.size(); at += size)
    std::reverse(values.begin() + static_cast<std::ptrdiff_t>(at),
                 values.begin() + static_cast<std::ptrdiff_t>(at + size));
}

float half_value(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t{half & 0x8000u} << 16;
  const std::uint32_t exponent = (half >> 10) & 31u, fraction = half & 0x3ffu;
  if (exponent == 0) {
    const float size = static_cast<float>(fraction) * 0x1p-24f;
    return sign != 0 ? -size : size;
  }
  const std::uint32_t wide = exponent == 31 ? 255u : exponent + 112u;
  return std::bit_cast<float>(sign | (wide << 23) | (fraction << 13));
}

template <class From, class To, class Make>
void transform(std::span<const std::byte> values, std::span<std::byte> out, const Make& make) {
  const std::size_t count = values.size() / sizeof(From);
  assert(out.size() == count * sizeof(To));
  const auto* from = reinterpret_cast<const From*>(values.data());
  auto* to = reinterpret_cast<To*>(out.data());
  for (std::size_t i = 0; i < count; ++i) to[i] = make(from[i]);
}

std::string size_error(const std::vector<std::int64_t>& extents, std::size_t number_bytes,
                       std::uint64_t most) {
  std::vector<std::string> words;
  for (const std::int64_t extent : extents) words.push_back(std::to_string(extent));
  const std::string shape = join(words, "x");
  if (extents.empty() || *std::min_element(extents.begin(), extents.end()) < 1)
    return "expected extents of at least 1, found " + shape;
  std::uint64_t bytes = number_bytes;
  for (const std::int64_t extent : extents) {
    if (bytes > (std::uint64_t{1} << 62) / static_cast<std::uint64_t>(extent))
      return "expected a volume, found the shape " + shape;
    bytes *= static_cast<std::uint64_t>(extent);
  }
  if (bytes <= most) return {};
  return "voxels: expected " + with_thousands(static_cast<std::int64_t>(bytes)) + " bytes for " +
         shape + ", found at most " + with_thousands(static_cast<std::int64_t>(most)) +
         "; the file is cut short or its header damaged";
}

}  // namespace

ElementType NumberCoding::element() const {
  if (is_half) return ElementType::kFloat32;
  if (!is_scaled()) return stored;
  const bool is_wide = element_bytes(stored) == 8 || stored == ElementType::kFloat64;
  return is_wide ? ElementType::kFloat64 : ElementType::kFloat32;
}

VolumeFile::VolumeFile(VolumeHeader header, std::unique_ptr<ByteStream> numbers, std::string place)
    : header_(std::move(header)), numbers_(std::move(numbers)), place_(std::move(place)) {
  assert(header_.axes.empty() || header_.axes.size() == header_.extents.size());
  const std::string error =
      size_error(header_.extents, element_bytes(header_.coding.stored), numbers_->most_left());
  if (!error.empty()) throw Error(ExitCode::kData, place_ + ": " + error);
}

void VolumeFile::set_shape(const std::vector<std::int64_t>& extents, const std::string& axes) {
  assert(Shape(extents).elements() == shape().elements());
  header_.extents = extents;
  header_.axes = axes;
}

void VolumeFile::read(std::span<std::byte> out) {
  const NumberCoding& coding = header_.coding;
  const std::size_t stored_size = element_bytes(coding.stored);
  const std::size_t count = out.size() / element_bytes(element());
  const bool is_direct = element() == coding.stored && !coding.is_scaled();
  if (!is_direct) stored_.resize(count * stored_size);
  const std::span<std::byte> stored = is_direct ? out : std::span<std::byte>(stored_);
  read_exactly(*numbers_, stored, place_, "voxels");
  if (coding.is_swapped) swap_bytes(stored, stored_size);
  if (is_direct) return;
  if (coding.is_half) return transform<std::uint16_t, float>(stored, out, half_value);
  with_element(coding.stored, [&](auto from) {
    const auto scaled = [&](auto value) {
      return coding.slope * static_cast<double>(value) + coding.intercept;
    };
    if (element() == ElementType::kFloat64)
      transform<decltype(from), double>(stored, out, scaled);
    else
      transform<decltype(from), float>(
          stored, out, [&](auto value) { return static_cast<float>(scaled(value)); });
  });
}

// What follows the voxels is nobody's; reading it makes a compressed stream check itself.
void VolumeFile::finish() {
  std::vector<std::byte> rest(std::size_t{1} << 16);
  while (numbers_->read(rest) > 0) {
  }
}

void convert_elements(ElementType from, std::span<const std::byte> values, ElementType to,
                      std::span<std::byte> out) {
  if (from == to) {
    std::copy(values.begin(), values.end(), out.begin());
    return;
  }
  with_element(from, [&](auto a) {
    with_element(to, [&](auto b) {
      transform<decltype(a), decltype(b)>(
          values, out, [](auto value) { return static_cast<decltype(b)>(value); });
    });
  });
}

}  // namespace lucid
