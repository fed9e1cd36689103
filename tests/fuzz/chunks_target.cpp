#include <fuzzer/FuzzedDataProvider.h>
#include <hdf5.h>

#include <algorithm>
#include <array>
#include <vector>

#include "data/chunks/chunked_array.h"
#include "fuzz/fuzz.h"

// Writes a small dataset of any type, order, chunks and filters whose chunks hold any bytes, and
// reads it by our decoder and by HDF5: where both read it, the values have to be the same.

namespace {

using namespace lucid;

constexpr hsize_t kMostExtent = 9;

struct Described {
  int rank = 1;
  std::array<hsize_t, 4> extents{}, chunk{};
  // HDF5 reads chunks beyond their end where it decodes them itself, and where no filter is there
  // to do so.
  bool takes_any_bytes = false;
};

hid_t a_type(FuzzedDataProvider& input) {
  const hid_t types[] = {H5T_STD_U8LE,   H5T_STD_U8BE,   H5T_STD_I8LE,   H5T_STD_I8BE,
                         H5T_STD_U16LE,  H5T_STD_U16BE,  H5T_STD_I16LE,  H5T_STD_I16BE,
                         H5T_STD_U32LE,  H5T_STD_U32BE,  H5T_STD_I32LE,  H5T_STD_I32BE,
                         H5T_STD_U64LE,  H5T_STD_U64BE,  H5T_STD_I64LE,  H5T_STD_I64BE,
                         H5T_IEEE_F32LE, H5T_IEEE_F32BE, H5T_IEEE_F64LE, H5T_IEEE_F64BE};
  const hid_t type = H5Tcopy(input.PickValueInArray(types));
  if (input.ConsumeIntegralInRange(0, 7) == 0 && H5Tget_class(type) == H5T_INTEGER) {
    const std::size_t bits = 8 * H5Tget_size(type);
    H5Tset_precision(type, input.ConsumeIntegralInRange<std::size_t>(1, bits));
    H5Tset_offset(type,
                  input.ConsumeIntegralInRange<std::size_t>(0, bits - H5Tget_precision(type)));
  }
  return type;
}

hid_t creation(FuzzedDataProvider& input, Described& shape) {
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(list, shape.rank, shape.chunk.data());
  if (input.ConsumeBool()) H5Pset_shuffle(list);
  if (input.ConsumeBool()) H5Pset_deflate(list, input.ConsumeIntegralInRange(0u, 9u));
  shape.takes_any_bytes = H5Pget_nfilters(list) > 0;
  const bool is_checked = input.ConsumeBool(),
             has_bare_edges = input.ConsumeIntegralInRange(0, 7) == 0;
  if (is_checked) H5Pset_fletcher32(list);
  if (has_bare_edges) H5Pset_chunk_opts(list, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS);
  shape.takes_any_bytes = shape.takes_any_bytes && !is_checked && !has_bare_edges;
  return list;
}

// Writes some chunks by HDF5 and some as bytes with any mask of filters.
void fill(FuzzedDataProvider& input, hid_t dataset, const Described& shape) {
  const hid_t type = H5Dget_type(dataset);
  std::vector<std::uint8_t> whole(10'000 * H5Tget_size(type));
  if (input.ConsumeBool()) {
    const std::vector<std::uint8_t> bytes = input.ConsumeBytes<std::uint8_t>(64);
    for (std::size_t i = 0; i < whole.size() && !bytes.empty(); ++i)
      whole[i] = bytes[i % bytes.size()];
    H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, whole.data());
  }
  for (int count = input.ConsumeIntegralInRange(0, 4); count > 0 && shape.takes_any_bytes;
       --count) {
    std::array<hsize_t, 4> start{};
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(shape.rank); ++axis) {
      const hsize_t chunks = (shape.extents[axis] + shape.chunk[axis] - 1) / shape.chunk[axis];
      start[axis] = shape.chunk[axis] * input.ConsumeIntegralInRange<hsize_t>(0, chunks - 1);
    }
    const auto mask = input.ConsumeIntegral<std::uint8_t>();
    const std::string bytes = input.ConsumeRandomLengthString(300);
    H5Dwrite_chunk(dataset, H5P_DEFAULT, mask & 7u, start.data(), bytes.size(), bytes.data());
  }
  H5Tclose(type);
}

std::filesystem::path write_dataset(FuzzedDataProvider& input) {
  const auto path = fuzz::folder() / "chunks.h5";
  const hdf5::Lock lock;
  Described shape;
  shape.rank = input.ConsumeIntegralInRange(1, 4);
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(shape.rank); ++axis) {
    shape.extents[axis] = input.ConsumeIntegralInRange<hsize_t>(1, kMostExtent);
    shape.chunk[axis] = input.ConsumeIntegralInRange<hsize_t>(1, shape.extents[axis]);
  }
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t space = H5Screate_simple(shape.rank, shape.extents.data(), nullptr);
  const hid_t type = a_type(input), list = creation(input, shape);
  const bool is_plain = H5Tget_precision(type) == 8 * H5Tget_size(type);
  shape.takes_any_bytes = shape.takes_any_bytes && is_plain;
  const hid_t dataset = H5Dcreate2(file, "x", type, space, H5P_DEFAULT, list, H5P_DEFAULT);
  if (dataset >= 0) {
    fill(input, dataset, shape);
    H5Dclose(dataset);
  }
  H5Pclose(list);
  H5Tclose(type);
  H5Sclose(space);
  H5Fclose(file);
  return path;
}

void compare(const std::filesystem::path& path, FuzzedDataProvider& input) {
  const hdf5::File file(path);
  const hdf5::Array array = file.open("x");
  ChunkCache cache(4096);
  const ChunkedArray chunked(file.open("x"), cache);
  const Shape shape = array.shape();
  hdf5::Region region;
  std::int64_t count = 1;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
    region.start.push_back(input.ConsumeIntegralInRange<std::int64_t>(0, shape[axis] - 1));
    region.count.push_back(
        input.ConsumeIntegralInRange<std::int64_t>(1, shape[axis] - region.start[axis]));
    count *= region.count.back();
  }
  const std::size_t bytes = static_cast<std::size_t>(count) * element_bytes(array.element());
  std::vector<std::byte> ours(bytes), theirs(bytes);
  chunked.read_stored(region, ours);
  bool is_read = false;
  fuzz::may_refuse([&] {
    array.read_stored(region, theirs);
    is_read = true;
  });
  if (is_read && ours != theirs) fuzz::wrong("other values than HDF5's");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  const auto path = write_dataset(input);
  fuzz::may_refuse([&] { compare(path, input); });
  return 0;
}
