#include "formats/readers/numpy.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "formats/readers/zip.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kMostNpyHeaderBytes = 1u << 20;

// Returns the text after 'key': in the header's dictionary.
std::string_view value_of(std::string_view header, const std::string& key,
                          const std::string& place) {
  const auto at = header.find("'" + key + "':");
  if (at == std::string_view::npos) fail(place, "expected '" + key + "' in the header, found none");
  std::string_view value = header.substr(at + key.size() + 3);
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  return value;
}

std::vector<std::int64_t> shape_of(std::string_view header, const std::string& place) {
  const std::string_view value = value_of(header, "shape", place);
  const auto end = value.find(')');
  if (!value.starts_with('(') || end == std::string_view::npos)
    fail(place, "shape: expected a tuple, found another text");
  std::vector<std::int64_t> shape;
  for (std::string word : split(value.substr(1, end - 1), ',')) {
    std::erase(word, ' ');
    if (word.empty()) continue;
    std::int64_t extent = -1;
    const auto read = std::from_chars(word.data(), word.data() + word.size(), extent);
    if (read.ec != std::errc() || read.ptr != word.data() + word.size())
      fail(place, "shape: expected integers, found " + in_quotes(word));
    shape.push_back(extent);
  }
  if (shape.empty()) shape.push_back(1);  // a scalar
  return shape;
}

NumberCoding coding_of(std::string_view header, const std::string& place) {
  const std::string_view value = value_of(header, "descr", place);
  const auto end = value.find('\'', 1);
  const std::string text(value.starts_with('\'') && end != std::string_view::npos
                             ? value.substr(1, end - 1)
                             : value.substr(0, value.find(", '")));
  const std::string kind = text.size() > 1 ? text.substr(1) : "";
  NumberCoding coding;
  const auto is_kind = [&](const std::string& name, ElementType element) {
    if (kind == name) coding.stored = element;
    return kind == name;
  };
  coding.is_half = is_kind("f2", ElementType::kUint16);
  const bool is_known = coding.is_half || is_kind("b1", ElementType::kUint8) ||
                        is_kind("u1", ElementType::kUint8) || is_kind("i1", ElementType::kInt8) ||
                        is_kind("u2", ElementType::kUint16) || is_kind("i2", ElementType::kInt16) ||
                        is_kind("u4", ElementType::kUint32) || is_kind("i4", ElementType::kInt32) ||
                        is_kind("u8", ElementType::kUint64) || is_kind("i8", ElementType::kInt64) ||
                        is_kind("f4", ElementType::kFloat32) ||
                        is_kind("f8", ElementType::kFloat64);
  if (!is_known || std::string_view("<>|=").find(text[0]) == std::string_view::npos)
    fail(place, "expected integers or floats, found numbers of type " + in_quotes(text));
  constexpr char kOther = std::endian::native == std::endian::little ? '>' : '<';
  coding.is_swapped = text[0] == kOther && element_bytes(coding.stored) > 1;
  return coding;
}

std::string read_header(ByteStream& bytes, const std::string& place) {
  std::array<std::byte, 8> begin{};
  read_exactly(bytes, begin, place, "header");
  const std::string_view mark(reinterpret_cast<const char*>(begin.data()), 6);
  const auto version = std::to_integer<unsigned>(begin[6]);
  if (mark != "\x93NUMPY" || version < 1 || version > 3)
    fail(place, "expected an array of NumPy (.npy), found another beginning");
  std::array<std::byte, 4> size_bytes{};
  read_exactly(bytes, std::span(size_bytes).first(version == 1 ? 2 : 4), place, "header");
  std::uint32_t size = 0;  // little-endian
  for (std::size_t i = 4; i-- > 0;)
    size = size << 8 | std::to_integer<std::uint32_t>(size_bytes[i]);
  if (size > kMostNpyHeaderBytes)
    fail(place, "expected a header of at most 1 MiB, found " + with_thousands(size) + " bytes");
  std::string header(size, ' ');
  read_exactly(bytes, std::as_writable_bytes(std::span(header)), place, "header");
  return header;
}

// Returns elements in C order of an array in Fortran order.
class Transposed : public ByteStream {
 public:
  Transposed(VolumeFile file, const std::vector<std::int64_t>& extents)
      : bytes_(file.shape().count() * element_bytes(file.header().coding.stored)) {
    std::vector<std::byte> stored(bytes_.size());
    file.read(stored);
    file.finish();
    const std::size_t size = element_bytes(file.header().coding.stored);
    std::vector<std::size_t> strides(extents.size(), size), at(extents.size(), 0);
    for (std::size_t axis = 1; axis < extents.size(); ++axis)
      strides[axis] = strides[axis - 1] * static_cast<std::size_t>(extents[axis - 1]);
    for (std::size_t to = 0; to < bytes_.size(); to += size) {
      std::size_t from = 0;
      for (std::size_t axis = 0; axis < at.size(); ++axis) from += at[axis] * strides[axis];
      std::copy_n(&stored[from], size, &bytes_[to]);
      for (std::size_t axis = at.size(); axis-- > 0;) {
        if (++at[axis] < static_cast<std::size_t>(extents[axis])) break;
        at[axis] = 0;
      }
    }
  }

  std::size_t read(std::span<std::byte> out) override {
    const std::size_t count = std::min(out.size(), bytes_.size() - done_);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(done_), count, out.begin());
    done_ += count;
    return count;
  }
  std::uint64_t most_left() const override { return bytes_.size() - done_; }

 private:
  std::vector<std::byte> bytes_;
  std::size_t done_ = 0;
};

VolumeFile open_array(std::unique_ptr<ByteStream> bytes, const std::string& place) {
  const std::string header = read_header(*bytes, place);
  const std::string_view order = value_of(header, "fortran_order", place);
  VolumeHeader volume;
  volume.coding = coding_of(header, place);
  volume.extents = shape_of(header, place);
  if (order.starts_with("False") || volume.extents.size() == 1)
    return {std::move(volume), std::move(bytes), place};
  if (!order.starts_with("True"))
    fail(place, "fortran_order: expected True or False, found another text");
  VolumeHeader stored = volume;  // passes the bytes on, so that nothing is converted twice
  stored.coding.is_swapped = stored.coding.is_half = false;
  auto turned =
      std::make_unique<Transposed>(VolumeFile(stored, std::move(bytes), place), volume.extents);
  return {std::move(volume), std::move(turned), place};
}

}  // namespace

VolumeFile open_npy(const fs::path& path) { return open_array(open_bytes(path, 0), path.string()); }

std::vector<std::string> npz_arrays(const fs::path& path) {
  std::vector<std::string> names;
  for (const std::string& member : zip_members(path))
    if (member.ends_with(".npy")) names.push_back(member.substr(0, member.size() - 4));
  if (names.empty()) fail(path.string(), "expected arrays of NumPy (.npy), found none");
  std::sort(names.begin(), names.end());
  return names;
}

VolumeFile open_npz(const fs::path& path, const std::string& array) {
  return open_array(open_zip_member(path, array + ".npy"), path.string() + ": " + array);
}

}  // namespace lucid
