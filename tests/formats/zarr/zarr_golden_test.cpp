#include <doctest/doctest.h>

#include "formats/readers/read_volume.h"
#include "formats/zarr/zarr_files.h"
#include "formats/zarr/zarr_volume.h"

using namespace lucid;
using namespace lucid::test;

namespace {

std::vector<double> doubles_of(ElementType type, std::span<const std::byte> bytes) {
  return with_element(type, [&](auto element) {
    using T = decltype(element);
    const auto* values = reinterpret_cast<const T*>(bytes.data());
    return std::vector<double>(values, values + bytes.size() / sizeof(T));
  });
}

std::vector<double> region_of(const GoldenStore& store, const hdf5::Region& region) {
  const std::size_t rank = store.extents.size();
  std::vector<double> values;
  std::vector<std::int64_t> at(rank, 0);
  for (std::size_t i = 0; i < Shape(region.count).count(); ++i) {
    std::int64_t index = 0;
    for (std::size_t axis = 0; axis < rank; ++axis)
      index = index * store.extents[axis] + region.start[axis] + at[axis];
    values.push_back(store.values[static_cast<std::size_t>(index)]);
    for (std::size_t axis = rank; axis-- > 0;) {
      if (++at[axis] < region.count[axis]) break;
      at[axis] = 0;
    }
  }
  return values;
}

void check_regions(const GoldenStore& store, const std::filesystem::path& path) {
  const ZarrVolume volume(path);
  for (std::int64_t first = 0; first < 2; ++first)
    for (const int threads : {0, 1, 3}) {
      hdf5::Region region{{}, {}};
      for (const std::int64_t extent : store.extents) {
        region.start.push_back(std::min(first, extent - 1));
        region.count.push_back(std::max<std::int64_t>(1, extent - 2 * first));
      }
      std::vector<std::byte> bytes(Shape(region.count).count() * element_bytes(volume.element()));
      if (threads == 0)
        volume.read_stored(region, bytes);
      else
        volume.read_shared(region, bytes, threads);
      CHECK(doubles_of(volume.element(), bytes) == region_of(store, region));
    }
}

}  // namespace

TEST_CASE("arrays of zarr-python are read, whole and in parts") {
  const TempDir dir;
  for (const char* file : {"zarr_v2.json", "zarr_v3.json"})
    for (const GoldenStore& store : golden_stores(file)) {
      INFO(file, ": ", store.name);
      const std::filesystem::path path = store.write(dir);
      const ReadVolume read = read_volume(path);
      CHECK(read.type == store.type);
      CHECK(read.extents == store.extents);
      CHECK(read.axes == (store.extents.size() == 5 ? "ncdhw" : "dhw"));
      CHECK(read.values == store.values);
      CHECK(!read.geometry);
      check_regions(store, path);
    }
}
