#include <doctest/doctest.h>

#include "formats/readers/made_files.h"
#include "formats/readers/nifti.h"
#include "formats/readers/read_volume.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

// Returns the separate header of voxels that begin at `offset` of the other file.
std::string header_of(const NiftiSpec& spec, float offset = 0) {
  std::string bytes = nifti1(spec).substr(0, 348);
  put(bytes, 108, offset, spec.order);
  return bytes;
}

NiftiSpec pair_of_shorts(Order order) {
  NiftiSpec spec;
  spec.datatype = 4;
  spec.bits = 16;
  spec.order = order;
  spec.slope = 0.5;
  spec.sform_code = 1;
  spec.magic = std::string("ni1\0", 4);
  return spec;
}

std::vector<double> times(double factor) {
  std::vector<double> values;
  for (int i = 0; i < 12; ++i) values.push_back(factor * i);
  return values;
}

}  // namespace

TEST_CASE("a NIfTI pair reads as one file does, its voxels plain or gzip") {
  for (const Order order : {Order::kLittle, Order::kBig}) {
    const TempDir dir;
    const NiftiSpec spec = pair_of_shorts(order);
    const std::string voxels = bytes_of(counting<std::int16_t>(12), order);
    const auto header = dir.write("a.hdr", header_of(spec));
    dir.write("a.img.gz", gzip(voxels));
    const ReadVolume packed = read_volume(header);
    dir.write("a.img", "1234" + voxels);
    dir.write("a.hdr", header_of(spec, 4));
    for (const ReadVolume& read : {packed, read_volume(header)}) {
      CHECK(read.type == "float32");
      CHECK(read.extents == std::vector<std::int64_t>{2, 2, 3});
      CHECK(read.values == times(0.5));
      CHECK(read.geometry->sform_code == 1);
      CHECK(read.geometry->affine[3] == 5);
    }
  }
}

TEST_CASE("Analyze 7.5 reads with its voxel sizes, without scaling and orientation") {
  for (const Order order : {Order::kLittle, Order::kBig}) {
    const TempDir dir;
    NiftiSpec spec = pair_of_shorts(order);
    spec.qform_code = 1;
    spec.magic = std::string(4, '\0');
    const auto header = dir.write("a.hdr", header_of(spec));
    dir.write("a.img", bytes_of(counting<std::int16_t>(12), order));
    const ReadVolume read = read_volume(header);
    CHECK(read.type == "int16");
    CHECK(read.values == times(1));
    CHECK(read.geometry->voxel_size == std::array<double, 3>{4, 3, 2});
    CHECK(read.geometry->sform_code == 0);
    CHECK(read.geometry->qform_code == 0);
  }
}

TEST_CASE("half a pair, and one file by a pair's name, are refused") {
  const TempDir dir;
  NiftiSpec spec = pair_of_shorts(Order::kLittle);
  const auto header = dir.write("a.hdr", header_of(spec));
  const auto error = [&] { return reading_error(header); };
  CHECK(error() ==
        "3: a.hdr: expected its voxels in 'a.img' or 'a.img.gz' beside it, found neither");
  dir.write("a.img", std::string(20, 'x'));
  CHECK(error() ==
        "3: a.hdr: voxels: expected 24 bytes for 2x2x3, found at most 20; the file is cut short or "
        "its header damaged");
  dir.write("a.hdr", header_of(spec, -1));
  CHECK(error() == "3: a.hdr: expected voxels behind the header, found them at byte -1");
  spec.magic = std::string("n+1\0", 4);
  dir.write("a.hdr", header_of(spec, 352));
  CHECK(error() ==
        "3: a.hdr: expected the header of a pair (.hdr and .img), found one file; name it .nii");
}
