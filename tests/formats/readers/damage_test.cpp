#include <doctest/doctest.h>

#include "base/error.h"
#include "base/rng.h"
#include "formats/readers/made_files.h"
#include "formats/readers/numpy.h"
#include "formats/readers/read_volume.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

struct Sample {
  const char* name;
  std::string content;
};

// Returns a small valid file of every format.
std::vector<Sample> good_files() {
  const std::string voxels = bytes_of(counting<std::int16_t>(12));
  NiftiSpec spec;
  spec.datatype = 4;
  spec.bits = 16;
  spec.slope = 2;
  spec.qform_code = 1;
  spec.sform_code = 1;
  const std::string fields =
      "NRRD0004\ntype: short\ndimension: 3\nsizes: 3 2 2\nendian: little\nspace: LPS\n"
      "space directions: (1,0,0) (0,1,0) (0,0,1)\nspace origin: (1,2,3)\nbyte skip: 0\n";
  const std::string image =
      "ObjectType = Image\nNDims = 3\nDimSize = 3 2 2\nElementSpacing = 1 2 3\nOffset = 1 2 3\n"
      "TransformMatrix = 1 0 0 0 1 0 0 0 1\nElementType = MET_SHORT\nHeaderSize = 0\n";
  const std::string local = "ElementDataFile = LOCAL\n";
  const std::string array = npy("<i2", "(2, 2, 3)", voxels);
  return {{"a.nii", nifti1(spec) + voxels},
          {"b.nii", nifti2(spec) + voxels},
          {"c.nii.gz", gzip(nifti1(spec) + voxels)},
          {"d.nrrd", fields + "encoding: raw\n\n" + voxels},
          {"e.nrrd", fields + "encoding: gzip\n\n" + gzip(voxels)},
          {"j.mha", image + local + voxels},
          {"k.mha", image + "CompressedData = True\n" + local + gzip(voxels)},
          {"f.npy", array},
          {"g.npy", npy("<i2", "(2, 2, 3)", voxels, "True")},
          {"h.npz", zip({{"x.npy", array}})},
          {"i.npz", zip({{"x.npy", array}}, ZipKind::k64)}};
}

void read_file(const std::filesystem::path& path) {
  if (path.extension() != ".npz") {
    read_volume(path);
    return;
  }
  for (const std::string& array : npz_arrays(path)) read_all(open_npz(path, array));
}

// Returns whether the file reads, or an Error about it says why not.
bool is_handled(const std::filesystem::path& path) {
  try {
    read_file(path);
  } catch (const Error& error) {
    return std::string(error.what()).starts_with(path.string() + ": ");
  }
  return true;
}

}  // namespace

TEST_CASE("files cut short anywhere are read or refused, never more") {
  const TempDir dir;
  for (const Sample& sample : good_files()) {
    INFO(sample.name);
    CHECK_NOTHROW(read_file(dir.write(sample.name, sample.content)));
    for (std::size_t size = 0; size < sample.content.size(); ++size) {
      INFO(size, " bytes");
      REQUIRE(is_handled(dir.write(sample.name, sample.content.substr(0, size))));
    }
  }
}

TEST_CASE("files with any byte changed are read or refused, never more") {
  const TempDir dir;
  Rng rng(1, "damage");
  for (const Sample& sample : good_files())
    for (std::size_t at = 0; at < sample.content.size(); ++at)
      for (const std::uint64_t change : {std::uint64_t{0x80}, 1 + rng.below(255)}) {
        std::string damaged = sample.content;
        damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ change);
        INFO(sample.name, ", byte ", at, ", changed by ", change);
        REQUIRE(is_handled(dir.write(sample.name, damaged)));
      }
}
