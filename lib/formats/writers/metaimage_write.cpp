#include "formats/writers/metaimage_write.h"

#include <zlib.h>

#include <algorithm>
#include <bit>

#include "base/error.h"
#include "base/text.h"
#include "formats/writers/output_stream.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

constexpr int kZlibLevel = 6;
// The size of the compressed elements, which is known behind them.
constexpr std::size_t kSizeDigits = 20;
constexpr const char* kSizeField = "CompressedDataSize = ";

std::string type_name(ElementType type) {
  using enum ElementType;
  switch (type) {
    case kInt8:
      return "MET_CHAR";
    case kUint8:
      return "MET_UCHAR";
    case kInt16:
      return "MET_SHORT";
    case kUint16:
      return "MET_USHORT";
    case kInt32:
      return "MET_INT";
    case kUint32:
      return "MET_UINT";
    case kInt64:
      return "MET_LONG_LONG";
    case kUint64:
      return "MET_ULONG_LONG";
    case kFloat32:
      return "MET_FLOAT";
    case kFloat64:
      return "MET_DOUBLE";
  }
  return {};
}

// The direction of each axis and the place of the first voxel, in ITK's space, which goes towards
// left and posterior. Channels are an axis of their own.
std::string place_text(const Geometry& geometry, std::size_t rank) {
  const Affine& affine = geometry.affine;
  const auto flipped = [&](std::size_t side, std::size_t column) {
    const double value = affine[4 * side + column];
    return side < 2 && value != 0 ? -value : value;
  };
  std::string matrix, offset;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    for (std::size_t side = 0; side < rank; ++side) {
      const bool is_space = axis < 3 && side < 3;
      const double direction =
          is_space ? flipped(side, axis) / geometry.voxel_size[2 - axis] : (axis == side ? 1 : 0);
      matrix += " " + number_text(direction);
    }
    offset += " " + number_text(axis < 3 ? flipped(axis, 3) : 0);
  }
  return "TransformMatrix =" + matrix + "\nOffset =" + offset + "\n";
}

std::string metaimage_header(ElementType type, const std::vector<std::int64_t>& extents,
                             const Geometry& geometry) {
  const std::size_t rank = extents.size();
  std::string sizes, spacing;
  for (std::size_t axis = rank; axis-- > 0;) sizes += " " + std::to_string(extents[axis]);
  for (std::size_t axis = 0; axis < rank; ++axis)
    spacing += " " + number_text(axis < 3 ? geometry.voxel_size[2 - axis] : 1);
  const bool is_big = std::endian::native == std::endian::big;
  return "ObjectType = Image\nNDims = " + std::to_string(rank) +
         "\nBinaryData = True\nBinaryDataByteOrderMSB = " + (is_big ? "True" : "False") +
         "\nCompressedData = True\n" + kSizeField + std::string(kSizeDigits, '0') + "\n" +
         (geometry.is_oriented() ? place_text(geometry, rank) : "") + "ElementSpacing =" + spacing +
         "\nDimSize =" + sizes + "\nElementType = " + type_name(type) +
         "\nElementDataFile = LOCAL\n";
}

// Deflates what it is given into a file.
class Deflating {
 public:
  explicit Deflating(OutputStream& out) : out_(out), buffer_(std::size_t{1} << 18) {
    if (deflateInit(&state_, kZlibLevel) != Z_OK) throw std::bad_alloc();
  }
  ~Deflating() { deflateEnd(&state_); }
  Deflating(const Deflating&) = delete;
  Deflating& operator=(const Deflating&) = delete;

  void write(std::span<const std::byte> bytes) {
    constexpr std::size_t kMostBytes = std::size_t{1} << 30;  // zlib counts in 32 bits
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(bytes.size(), kMostBytes)))
      deflate_all(bytes.first(std::min(bytes.size(), kMostBytes)), Z_NO_FLUSH);
  }
  void finish() { deflate_all({}, Z_FINISH); }

 private:
  void deflate_all(std::span<const std::byte> bytes, int flush) {
    state_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
    state_.avail_in = static_cast<uInt>(bytes.size());
    do {
      state_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
      state_.avail_out = static_cast<uInt>(buffer_.size());
      ::deflate(&state_, flush);
      out_.write(std::span(buffer_).first(buffer_.size() - state_.avail_out));
    } while (state_.avail_out == 0);
  }

  OutputStream& out_;
  std::vector<std::byte> buffer_;
  z_stream state_{};
};

}  // namespace

void write_metaimage_data(const fs::path& file, const fs::path& named, ElementType type,
                          const std::vector<std::int64_t>& extents, const Geometry& geometry,
                          const FillElements& fill) {
  OutputStream out(file, named);
  const std::string header = metaimage_header(type, extents, geometry);
  out.write(header);
  Deflating elements(out);
  fill_pieces(type, extents, fill,
              [&](std::span<const std::byte> piece) { elements.write(piece); });
  elements.finish();
  std::string size = std::to_string(out.size() - header.size());
  size.insert(0, kSizeDigits - size.size(), '0');
  out.replace(header.find(kSizeField) + std::string(kSizeField).size(), size);
  out.close();
}

}  // namespace lucid
