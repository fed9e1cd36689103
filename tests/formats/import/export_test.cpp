#include "formats/import/export.h"

#include <doctest/doctest.h>

#include "data/hdf5/h5_files.h"
#include "formats/import/imported.h"
#include "formats/readers/read_volume.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

TEST_CASE("a volume imported and exported is the volume that it was") {
  const TempDir dir;
  NiftiSpec spec;
  spec.datatype = 4;
  spec.bits = 16;
  spec.sform_code = 2;
  spec.qform_code = 1;
  spec.quaternion = {0, 0, 1, 10, 20, 30};
  spec.slope = 1;
  const std::string content = nifti1(spec) + bytes_of(counting<std::int16_t>(12));
  const auto source = dir.write("a.nii", content);
  import_to(dir / "out.h5", from({source.string()}));
  ExportOptions options;
  options.input = dir / "out.h5";
  options.output.path = dir / "back.nii";
  options.dataset = "a/raw";
  export_nifti(options, [](double) {});
  std::string expected = content;  // except for pixdim of unused axes
  for (std::size_t i = 4; i < 8; ++i) put(expected, 76 + 4 * i, 1.0f);
  CHECK(read_text(dir / "back.nii") == expected);
}

TEST_CASE("predictions are exported with the geometry of the volume they were made from") {
  const TempDir dir;
  NiftiSpec spec;
  spec.sform_code = 1;
  const std::string source = dir.write("a.nii", volume(spec)).string();
  store(dir / "p.h5", "predictions", {{2, 2, 2, 3}, {}, H5T_NATIVE_INT32});
  store(dir / "p.h5", "channels", {{1, 2, 2, 2, 3}, {}, H5T_NATIVE_FLOAT});
  store(dir / "p.h5", "last", {{1, 2, 2, 3, 2}, {}, H5T_NATIVE_FLOAT});
  ExportOptions options;
  options.input = dir / "p.h5";
  options.output = {dir / "out.nii.gz", true};
  options.dataset = "predictions";
  options.geometry = source;
  const auto error = [&] {
    return from_inside(dir.path(), error_of([&] { export_nifti(options, [](double) {}); }));
  };
  CHECK(error() ==
        "2: p.h5: /predictions: holds 2 samples; say which, counted from 0, with --sample");
  options.sample = 2;
  CHECK(error() == "2: --sample: expected 0 to 1, found 2");
  options.sample = 1;
  CHECK(error().empty());
  const ReadVolume read = read_volume(dir / "out.nii.gz");
  CHECK(read.type == "int32");
  CHECK(read.values[0] == 12);
  CHECK(read.geometry->affine[3] == 5);
  CHECK(read.geometry->sform_code == 1);

  options.sample.reset();
  options.dataset = "channels";
  CHECK(error().empty());
  CHECK(read_volume(dir / "out.nii.gz").axes == "cdhw");
  CHECK(read_volume(dir / "out.nii.gz").values[13] == 13);
  options.dataset = "last";
  options.axes = "ndhwc";
  CHECK(error().empty());
  CHECK(read_volume(dir / "out.nii.gz").values[12] == 1);  // channel 1 follows channel 0
}

TEST_CASE("an export that has no geometry, or another's, is refused") {
  const TempDir dir;
  store(dir / "p.h5", "x", {{1, 2, 3}, {}});
  ExportOptions options;
  options.input = dir / "p.h5";
  options.output.path = dir / "out.nii";
  options.dataset = "x";
  const auto error = [&] {
    return from_inside(dir.path(), error_of([&] { export_nifti(options, [](double) {}); }));
  };
  CHECK(error() == "2: p.h5: /x says nothing of its voxels; give --geometry or --voxel-size");
  options.voxel_size = {4, 3, 2};
  CHECK(error().empty());
  CHECK(read_volume(dir / "out.nii").geometry->voxel_size == std::array<double, 3>{4, 3, 2});
  options.voxel_size.reset();
  options.geometry = dir.write("a.nii", volume()).string();
  CHECK(error() == "3: p.h5: /x: expected 2x2x3 voxels as in a.nii, found 1x2x3");
  options.geometry = (dir / "p.h5").string();
  CHECK(error() ==
        "3: p.h5: expected a dataset with the attributes voxel_size_mm and affine, as "
        "lucid-data import writes them, found none");
  options.output.path = dir / "out.png";
  CHECK(error() == "2: out.png: expected a name that ends in .nii or .nii.gz");
}

TEST_CASE("an HDF5 file of several geometries has to be told which") {
  const TempDir dir;
  NiftiSpec spec;
  dir.write("in/a.nii", volume(spec));
  spec.pixdim[1] = 9;
  dir.write("in/b.nii", volume(spec));
  import_to(dir / "out.h5", from({(dir / "in").string()}));
  store(dir / "p.h5", "x", {{2, 2, 3}, {}});
  ExportOptions options;
  options.input = dir / "p.h5";
  options.output.path = dir / "out.nii";
  options.dataset = "x";
  options.geometry = (dir / "out.h5").string();
  CHECK(from_inside(dir.path(), error_of([&] { export_nifti(options, [](double) {}); })) ==
        "2: out.h5: /a/raw and /b/raw lie in different places; say which, as out.h5:a/raw");
  options.geometry = (dir / "out.h5").string() + ":b/raw";
  export_nifti(options, [](double) {});
  CHECK(read_volume(dir / "out.nii").geometry->voxel_size[2] == 9);
}
