#pragma once

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace lucid::test {

// Files of other formats are made byte by byte, so that no code of lucid or its libraries tests
// itself. All integers are little-endian unless stated.

enum class Order { kLittle, kBig };

template <class T>
std::string bytes_of(T value, Order order = Order::kLittle) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  if ((order == Order::kBig) == (std::endian::native == std::endian::little))
    std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

template <class T>
std::string bytes_of(const std::vector<T>& values, Order order = Order::kLittle) {
  std::string bytes;
  for (const T value : values) bytes += bytes_of(value, order);
  return bytes;
}

template <class T>
void put(std::string& bytes, std::size_t at, T value, Order order = Order::kLittle) {
  bytes.replace(at, sizeof(T), bytes_of(value, order));
}

inline std::string gzip(const std::string& content) {
  z_stream state{};
  deflateInit2(&state, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&state, content.size()) + 64, '\0');
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  state.avail_in = static_cast<uInt>(content.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  deflate(&state, Z_FINISH);
  out.resize(state.total_out);
  deflateEnd(&state);
  return out;
}

struct NiftiSpec {
  std::vector<std::int64_t> dim{3, 2, 2};  // x, y, z, ...
  std::int16_t datatype = 2, bits = 8;     // uint8
  float slope = 0, intercept = 0;
  std::vector<float> pixdim{1, 2, 3, 4};  // [0] is the handedness of the quaternion
  std::int16_t qform_code = 0, sform_code = 0;
  std::vector<float> quaternion{0, 0, 0, 0, 0, 0};              // b, c, d, offsets
  std::vector<float> rows{2, 0, 0, 5, 0, 3, 0, 6, 0, 0, 4, 7};  // of the sform
  char units = 2;                                               // mm
  Order order = Order::kLittle;
  std::string magic{"n+1\0", 4};
};

// Returns the 352 bytes before the voxels of NIfTI-1, by the offsets in nifti1.h.
inline std::string nifti1(const NiftiSpec& spec) {
  std::string bytes(352, '\0');
  put(bytes, 0, std::int32_t{348}, spec.order);
  put(bytes, 40, static_cast<std::int16_t>(spec.dim.size()), spec.order);
  for (std::size_t i = 0; i < 7; ++i)
    put(bytes, 42 + 2 * i, static_cast<std::int16_t>(i < spec.dim.size() ? spec.dim[i] : 1),
        spec.order);
  put(bytes, 70, spec.datatype, spec.order);
  put(bytes, 72, spec.bits, spec.order);
  for (std::size_t i = 0; i < spec.pixdim.size(); ++i)
    put(bytes, 76 + 4 * i, spec.pixdim[i], spec.order);
  put(bytes, 108, 352.0f, spec.order);
  put(bytes, 112, spec.slope, spec.order);
  put(bytes, 116, spec.intercept, spec.order);
  bytes[123] = spec.units;
  put(bytes, 252, spec.qform_code, spec.order);
  put(bytes, 254, spec.sform_code, spec.order);
  for (std::size_t i = 0; i < 6; ++i) put(bytes, 256 + 4 * i, spec.quaternion[i], spec.order);
  for (std::size_t i = 0; i < 12; ++i) put(bytes, 280 + 4 * i, spec.rows[i], spec.order);
  bytes.replace(344, 4, spec.magic);
  return bytes;
}

// Returns the 544 bytes before the voxels of NIfTI-2.
inline std::string nifti2(const NiftiSpec& spec) {
  std::string bytes(544, '\0');
  put(bytes, 0, std::int32_t{540}, spec.order);
  bytes.replace(4, 8, std::string("n+2\0\r\n\x1a\n", 8));
  put(bytes, 12, spec.datatype, spec.order);
  put(bytes, 14, spec.bits, spec.order);
  put(bytes, 16, static_cast<std::int64_t>(spec.dim.size()), spec.order);
  for (std::size_t i = 0; i < 7; ++i)
    put(bytes, 24 + 8 * i, i < spec.dim.size() ? spec.dim[i] : std::int64_t{1}, spec.order);
  for (std::size_t i = 0; i < spec.pixdim.size(); ++i)
    put(bytes, 104 + 8 * i, static_cast<double>(spec.pixdim[i]), spec.order);
  put(bytes, 168, std::int64_t{544}, spec.order);
  put(bytes, 176, static_cast<double>(spec.slope), spec.order);
  put(bytes, 184, static_cast<double>(spec.intercept), spec.order);
  put(bytes, 344, std::int32_t{spec.qform_code}, spec.order);
  put(bytes, 348, std::int32_t{spec.sform_code}, spec.order);
  for (std::size_t i = 0; i < 12; ++i)
    put(bytes, 400 + 8 * i, static_cast<double>(spec.rows[i]), spec.order);
  put(bytes, 500, std::int32_t{spec.units}, spec.order);
  return bytes;
}

// Follows numpy/lib/format.py: magic, version 1.0, length, a dictionary padded to 64 bytes.
inline std::string npy(const std::string& descr, const std::string& shape, const std::string& data,
                       const std::string& order = "False") {
  std::string header =
      "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
  header.resize((header.size() + 11 + 63) / 64 * 64 - 11, ' ');
  header += '\n';
  return std::string("\x93NUMPY\x01\x00", 8) + bytes_of(static_cast<std::uint16_t>(header.size())) +
         header + data;
}

enum class ZipKind { kPlain, k64 };

// Makes an archive of uncompressed members; k64 writes every size in the 64-bit fields, as NumPy
// does.
inline std::string zip(const std::vector<std::pair<std::string, std::string>>& members,
                       ZipKind kind = ZipKind::kPlain) {
  std::string out, directory;
  for (const auto& [name, content] : members) {
    const auto crc = static_cast<std::uint32_t>(crc32(
        0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())));
    const bool is_64 = kind == ZipKind::k64;
    const auto size = static_cast<std::uint32_t>(is_64 ? 0xffffffffu : content.size());
    const std::string extra = is_64 ? bytes_of(std::uint16_t{1}) + bytes_of(std::uint16_t{16}) +
                                          bytes_of(std::uint64_t{content.size()}) +
                                          bytes_of(std::uint64_t{content.size()})
                                    : "";
    const std::string shared = bytes_of(static_cast<std::uint16_t>(is_64 ? 45 : 20)) +
                               bytes_of(std::uint16_t{0}) + bytes_of(std::uint16_t{0}) +
                               bytes_of(std::uint16_t{0}) + bytes_of(std::uint16_t{0x21}) +
                               bytes_of(crc) + bytes_of(size) + bytes_of(size) +
                               bytes_of(static_cast<std::uint16_t>(name.size())) +
                               bytes_of(static_cast<std::uint16_t>(extra.size()));
    directory += "PK\x01\x02" + bytes_of(static_cast<std::uint16_t>(is_64 ? 45 : 20)) + shared +
                 bytes_of(std::uint16_t{0}) + bytes_of(std::uint16_t{0}) +
                 bytes_of(std::uint16_t{0}) + bytes_of(std::uint32_t{0}) +
                 bytes_of(static_cast<std::uint32_t>(out.size())) + name + extra;
    out += "PK\x03\x04" + shared + name + extra + content;
  }
  const auto count = static_cast<std::uint16_t>(members.size());
  return out + directory + "PK\x05\x06" + bytes_of(std::uint32_t{0}) + bytes_of(count) +
         bytes_of(count) + bytes_of(static_cast<std::uint32_t>(directory.size())) +
         bytes_of(static_cast<std::uint32_t>(out.size())) + bytes_of(std::uint16_t{0});
}

}  // namespace lucid::test
