#include <doctest/doctest.h>

#include "base/error.h"
#include "base/rng.h"
#include "formats/readers/read_volume.h"
#include "formats/writers/zarr_write.h"
#include "formats/zarr/zarr_files.h"

using namespace lucid;
using namespace lucid::test;

namespace {

// Returns whether a volume reads, or an Error of its store says why not. A changed shape may name
// far more voxels than the store holds; only the first of them are read.
bool is_handled(const std::filesystem::path& path, const std::filesystem::path& store) {
  try {
    VolumeFile file = open_volume(path, {});
    constexpr std::size_t kMost = 4096;
    const std::size_t element = element_bytes(file.element());
    std::vector<std::byte> bytes(std::min(file.shape().count(), kMost) * element);
    file.read(bytes);
  } catch (const Error& error) {
    return std::string(error.what()).find(store.string()) == 0;
  }
  return true;
}

// Writes a file anew: what is cut and written again is flushed by some file systems when it is
// closed.
void replace(const TempDir& dir, const std::string& name, const std::string& content) {
  std::filesystem::remove(dir / name);
  dir.write(name, content);
}

bool is_metadata(const std::string& file) {
  return file.find("zarr.json") != std::string::npos || file.find(".z") != std::string::npos;
}

// Calls change(store, file, content) for the metadata and one chunk of each kind of store.
template <class Change>
void for_files(const Change& change) {
  const std::vector<std::string> names = {
      "none",        "zlib", "gzip", "zstd", "blosc lz4 shuffle", "shards", "compressed shards",
      "gzip, crc32c"};
  for (const char* golden : {"zarr_v2.json", "zarr_v3.json"})
    for (const GoldenStore& store : golden_stores(golden)) {
      if (std::ranges::find(names, store.name) == names.end()) continue;
      bool has_chunk = false;
      for (const auto& [file, content] : store.files) {
        if (!is_metadata(file) && has_chunk) continue;
        has_chunk = has_chunk || !is_metadata(file);
        change(store, file, content);
      }
    }
}

}  // namespace

TEST_CASE("Zarr stores with a file cut short anywhere are read or refused, never more") {
  const TempDir dir;
  for_files([&](const GoldenStore& store, const std::string& file, const std::string& content) {
    const std::filesystem::path path = store.write(dir);
    for (std::size_t size = 0; size < content.size(); ++size) {
      replace(dir, "a.zarr/" + file, content.substr(0, size));
      INFO(store.name, ", ", file, ", ", size, " bytes");
      REQUIRE(is_handled(path, dir / "a.zarr"));
    }
  });
}

TEST_CASE("Zarr stores with any byte changed are read or refused, never more") {
  const TempDir dir;
  Rng rng(1, "zarr damage");
  for_files([&](const GoldenStore& store, const std::string& file, const std::string& content) {
    const std::filesystem::path path = store.write(dir);
    for (std::size_t at = 0; at < content.size(); ++at)
      for (const std::uint64_t change : {std::uint64_t{0x80}, 1 + rng.below(255)}) {
        std::string damaged = content;
        damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ change);
        replace(dir, "a.zarr/" + file, damaged);
        INFO(store.name, ", ", file, ", byte ", at, ", changed by ", change);
        REQUIRE(is_handled(path, dir / "a.zarr"));
      }
  });
}

TEST_CASE("an image that lucid wrote, damaged anywhere, is read or refused, never more") {
  const TempDir dir;
  const std::filesystem::path path = dir / "a.zarr";
  Geometry geometry = plain_geometry({3, 2, 0.5});
  geometry.affine[1] = 0.25;
  geometry.sform_code = geometry.qform_code = 1;
  geometry.qform = plain_geometry({3, 2, 0.5}).affine;
  write_zarr_data(path, path, ElementType::kInt16, {2, 2, 3, 130}, geometry, ZarrContent::kLabels,
                  [](std::int64_t begin, std::span<std::byte> out) {
                    for (std::byte& byte : out) byte = static_cast<std::byte>(begin++ * 7 % 13);
                  });
  Rng rng(2, "zarr damage");
  int handled = 0;
  for (const char* file : {".zgroup", ".zattrs", "0/.zarray", "1/.zarray", "0/1/0/0/1"}) {
    const std::string name = "a.zarr/" + std::string(file), content = read_text(path / file);
    for (std::size_t at = 0; at < content.size(); ++at) {
      std::string damaged = content;
      damaged[at] =
          static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ (1 + rng.below(255)));
      for (const std::string& other : {damaged, content.substr(0, at)}) {
        replace(dir, name, other);
        INFO(name, ", byte ", at);
        REQUIRE(is_handled(path, dir / "a.zarr"));
        REQUIRE(is_handled(path / "1", path));
        handled += 2;
      }
    }
    replace(dir, name, content);
  }
  CHECK(handled > 5000);
}
