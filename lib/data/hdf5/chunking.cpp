#include "data/hdf5/chunking.h"

#include <hdf5.h>

#include <array>

#include "base/text.h"
#include "data/hdf5/types.h"

namespace lucid::hdf5 {
namespace {

// Returns nullopt unless decode_chunk() can undo all filters, in the order in which it does.
std::optional<ChunkCodec> codec_of(const Handle& creation, const Handle& type,
                                   ElementType element) {
  const StoredForm form = stored_form(type, element);
  unsigned options = 0;  // HDF5 itself reads chunks whose edges skip the filters
  if (form == StoredForm::kOther || H5Pget_chunk_opts(creation.id(), &options) < 0 || options != 0)
    return std::nullopt;
  ChunkCodec codec{.element_bytes = element_bytes(element),
                   .is_swapped = form == StoredForm::kOtherByteOrder};
  const int count = H5Pget_nfilters(creation.id());
  for (int i = 0; i < count; ++i) {
    std::array<unsigned, 8> values{};
    std::size_t value_count = values.size();
    unsigned flags = 0;
    const H5Z_filter_t filter = H5Pget_filter2(creation.id(), static_cast<unsigned>(i), &flags,
                                               &value_count, values.data(), 0, nullptr, nullptr);
    const std::uint32_t bit = std::uint32_t{1} << i;
    const bool is_first = !codec.has_filters();
    if (filter == H5Z_FILTER_SHUFFLE && is_first && value_count > 0 &&
        values[0] == codec.element_bytes)
      codec.shuffle_bit = bit;
    else if (filter == H5Z_FILTER_DEFLATE && codec.deflate_bit == 0)
      codec.deflate_bit = bit;
    else
      return std::nullopt;
  }
  return codec;
}

std::vector<hsize_t> unsigned_of(const std::vector<std::int64_t>& start) {
  return {start.begin(), start.end()};
}

// A chunk of more bytes than any of our filters produces is damaged.
std::size_t most_stored_bytes(const Chunking& chunking) {
  constexpr std::size_t kSpare = 4096;
  return chunking.bytes() + chunking.bytes() / 8 + kSpare;
}

// Sizes of chunks are stored in 32 bits; larger ones come from a damaged file.
void check_extents(const std::vector<std::int64_t>& extents, std::size_t element_bytes,
                   const std::string& place) {
  constexpr std::uint64_t kMostBytes = 0xFFFFFFFF;
  std::uint64_t bytes = element_bytes;
  for (const std::int64_t extent : extents)
    if (extent < 1 || __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(extent), &bytes) ||
        bytes > kMostBytes)
      fail(place, "expected chunks of 1 element to 4 GiB, found others");
}

}  // namespace

std::size_t Chunking::bytes() const {
  std::size_t bytes = element_bytes;
  for (const std::int64_t extent : extents) bytes *= static_cast<std::size_t>(extent);
  return bytes;
}

std::optional<Chunking> chunking_of(const Array& array) {
  const Lock lock;
  const ElementType element = array.element();
  const Handle creation(
      checked(H5Dget_create_plist(array.id()), ExitCode::kData, array.place(), "cannot be read"),
      H5Pclose);
  if (H5Pget_layout(creation.id()) != H5D_CHUNKED) return std::nullopt;
  const Handle type(H5Dget_type(array.id()), H5Tclose);
  std::array<hsize_t, H5S_MAX_RANK> extents{};
  const int rank = checked(H5Pget_chunk(creation.id(), H5S_MAX_RANK, extents.data()),
                           ExitCode::kData, array.place(), "its chunks cannot be read");
  if (static_cast<std::size_t>(rank) != array.info().extents.size())
    throw Error(ExitCode::kData, array.place() + ": expected chunks of rank " +
                                     std::to_string(array.info().extents.size()) + ", found " +
                                     std::to_string(rank));
  Chunking chunking;
  chunking.extents.assign(extents.begin(), extents.begin() + rank);
  check_extents(chunking.extents, element_bytes(element), array.place());
  chunking.has_filters = H5Pget_nfilters(creation.id()) != 0;
  chunking.codec = codec_of(creation, type, element);
  chunking.element_bytes = element_bytes(element);
  return chunking;
}

StoredChunk read_stored_chunk(const Array& array, const Chunking& chunking,
                              const std::vector<std::int64_t>& start, std::span<std::byte> chunk,
                              std::vector<std::byte>& buffer) {
  const Lock lock;
  const std::size_t bytes = stored_chunk_bytes(array, start);
  if (bytes == 0) return {};
  if (const std::size_t most = most_stored_bytes(chunking); bytes > most)
    throw Error(ExitCode::kData, chunk_place(array, start) + ": expected at most " +
                                     std::to_string(most) + " bytes, found " +
                                     std::to_string(bytes));
  const bool is_plain = !chunking.has_filters && bytes == chunk.size();
  if (!is_plain && buffer.size() < bytes) buffer.resize(bytes);
  StoredChunk stored{is_plain ? chunk : std::span(buffer).first(bytes)};
  auto* to = is_plain ? chunk.data() : buffer.data();
  if (H5Dread_chunk(array.id(), H5P_DEFAULT, unsigned_of(start).data(), &stored.left_out, to) < 0)
    throw Error(ExitCode::kData, chunk_place(array, start) + ": cannot be read: " + last_reason());
  return stored;
}

std::size_t stored_chunk_bytes(const Array& array, const std::vector<std::int64_t>& start) {
  const Lock lock;
  hsize_t bytes = 0;
  if (H5Dget_chunk_storage_size(array.id(), unsigned_of(start).data(), &bytes) >= 0) return bytes;
  // HDF5 reports an error for a chunk that was never written, too; its text is quicker than
  // searching all chunks.
  const std::string reason = last_reason();
  for (const char* absent : {"chunk storage is not allocated", "chunk address isn't defined"})
    if (reason == absent) return 0;
  haddr_t address = HADDR_UNDEF;
  if (H5Dget_chunk_info_by_coord(array.id(), unsigned_of(start).data(), nullptr, &address,
                                 nullptr) < 0 ||
      address != HADDR_UNDEF)
    fail(chunk_place(array, start), "cannot be read: " + reason);
  return 0;
}

std::vector<std::byte> fill_value(const Array& array) {
  std::vector<std::byte> element(element_bytes(array.element()));
  if (!array.info().has_fill_values) return element;
  const Lock lock;
  const Handle creation(
      checked(H5Dget_create_plist(array.id()), ExitCode::kData, array.place(), "cannot be read"),
      H5Pclose);
  checked(H5Pget_fill_value(creation.id(), native_type(array.element()), element.data()),
          ExitCode::kData, array.place(), "its fill value cannot be read");
  return element;
}

std::uint64_t stored_chunk_count(const Array& array) {
  const Lock lock;
  const Handle space(H5Dget_space(array.id()), H5Sclose);
  hsize_t count = 0;
  checked(H5Dget_num_chunks(array.id(), space.id(), &count), ExitCode::kData, array.place(),
          "its chunks cannot be counted");
  return count;
}

std::vector<std::int64_t> stored_chunk_start(const Array& array, std::uint64_t number) {
  const Lock lock;
  const Handle space(H5Dget_space(array.id()), H5Sclose);
  std::vector<hsize_t> start(array.info().extents.size());
  checked(
      H5Dget_chunk_info(array.id(), space.id(), number, start.data(), nullptr, nullptr, nullptr),
      ExitCode::kData, array.place(), "its chunks cannot be listed");
  return {start.begin(), start.end()};
}

std::string chunk_place(const Array& array, const std::vector<std::int64_t>& start) {
  std::vector<std::string> numbers;
  for (const std::int64_t number : start) numbers.push_back(std::to_string(number));
  return array.place() + ": chunk at (" + join(numbers, ", ") + ")";
}

}  // namespace lucid::hdf5
