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

std::string shape_text(const std::vector<std::int64_t>& extents) {
  std::vector<std::string> words;
  for (const std::int64_t extent : extents) words.push_back(std::to_string(extent));
  return join(words, "x");
}

std::string amount(std::uint64_t bytes) { return with_thousands(static_cast<std::int64_t>(bytes)); }

// Returns nullopt if no file is as large.
std::optional<std::uint64_t> bytes_of(const VolumeHeader& header) {
  std::uint64_t bytes = element_bytes(header.coding.stored);
  for (const std::int64_t extent : header.extents) {
    if (bytes > (std::uint64_t{1} << 62) / static_cast<std::uint64_t>(extent)) return std::nullopt;
    bytes *= static_cast<std::uint64_t>(extent);
  }
  return bytes;
}

// The user described a file that has no header, so all of it has to be described.
std::string fill_error(const VolumeHeader& header, std::uint64_t bytes, const std::string& found) {
  return "expected " + amount(bytes) + " bytes for " + shape_text(header.extents) + " of " +
         element_name(header.coding.stored) + ", found " + found +
         "; correct --shape, --type or --skip-bytes";
}

std::string size_error(const VolumeHeader& header, const ByteStream& numbers) {
  const std::vector<std::int64_t>& extents = header.extents;
  if (extents.empty() || *std::min_element(extents.begin(), extents.end()) < 1)
    return "expected extents of at least 1, found " + shape_text(extents);
  const std::optional<std::uint64_t> bytes = bytes_of(header);
  if (!bytes) return "expected a volume, found the shape " + shape_text(extents);
  const std::uint64_t most = numbers.most_left();
  if (header.fills_file && numbers.knows_size() && *bytes != most)
    return fill_error(header, *bytes, amount(most));
  if (*bytes <= most) return {};
  return "voxels: expected " + amount(*bytes) + " bytes for " + shape_text(extents) +
         ", found at most " + amount(most) + "; the file is cut short or its header damaged";
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
  const std::string error = size_error(header_, *numbers_);
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
  const std::size_t found = numbers_->read(stored);
  bytes_read_ += found;
  if (found < stored.size()) {
    const std::uint64_t all = bytes_of(header_).value_or(0);
    throw Error(ExitCode::kData,
                place_ + ": " +
                    (header_.fills_file ? fill_error(header_, all, amount(bytes_read_))
                                        : "voxels: expected " + amount(all) + " bytes, found " +
                                              amount(bytes_read_) + "; the file is cut short"));
  }
  decode_numbers(coding, stored, out);
}

// Reading what follows verifies the checksum of a compressed stream. A small file can inflate to
// far more than it should, so that reading ends somewhere.
std::string VolumeFile::finish() {
  constexpr std::uint64_t kMostRead = std::uint64_t{1} << 28;
  std::vector<std::byte> buffer(std::size_t{1} << 16);
  std::uint64_t rest = numbers_->knows_size() ? numbers_->most_left() : 0;
  bool is_at_end = numbers_->knows_size();
  while (!is_at_end && rest < kMostRead) {
    const std::size_t found = numbers_->read(buffer);
    rest += found;
    is_at_end = found == 0;
  }
  const std::string text = (is_at_end ? "" : "at least ") + amount(rest);
  if (rest > 0 && header_.fills_file)
    fail(place_, fill_error(header_, bytes_read_,
                            (is_at_end ? "" : "at least ") + amount(bytes_read_ + rest)));
  if (rest > 0)
    return text + " bytes after the voxels (" + shape_text(header_.extents) + ") are left out";
  return numbers_->left_out();
}

void decode_numbers(const NumberCoding& numbers, std::span<std::byte> stored,
                    std::span<std::byte> out) {
  if (numbers.is_swapped) swap_bytes(stored, element_bytes(numbers.stored));
  if (numbers.is_half) return transform<std::uint16_t, float>(stored, out, half_value);
  if (!numbers.is_scaled()) {
    assert(stored.data() == out.data());
    return;
  }
  with_element(numbers.stored, [&](auto from) {
    const auto scaled = [&](auto value) {
      return numbers.slope * static_cast<double>(value) + numbers.intercept;
    };
    if (numbers.element() == ElementType::kFloat64)
      transform<decltype(from), double>(stored, out, scaled);
    else
      transform<decltype(from), float>(
          stored, out, [&](auto value) { return static_cast<float>(scaled(value)); });
  });
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
