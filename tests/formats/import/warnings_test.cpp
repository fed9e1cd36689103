#include <doctest/doctest.h>

#include "data/hdf5/file.h"
#include "data/hdf5/h5_files.h"
#include "formats/import/imported.h"
#include "formats/readers/read_volume.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

using Warnings = std::vector<std::string>;

Warnings warnings_of(const TempDir& dir, const ImportOptions& options) {
  Warnings warnings;
  for (const std::string& warning : import_to(dir / "out.h5", options).warnings)
    warnings.push_back(from_inside(dir.path(), warning));
  return warnings;
}

std::string error_with(const TempDir& dir, const ImportOptions& options) {
  return from_inside(dir.path(), error_of([&] { import_to(dir / "refused.h5", options); }));
}

}  // namespace

TEST_CASE("labels of several channels are told") {
  const TempDir dir;
  const std::string image = dir.write("a.nii", volume()).string();
  NiftiSpec spec;
  spec.dim = {3, 2, 2, 3};
  const std::string label = dir.write("l.nii", nifti1(spec) + std::string(36, '\1')).string();
  CHECK(warnings_of(dir, from({image}, {label})) ==
        Warnings{"l.nii: expected one class per voxel, found 3 channels; losses of classes need "
                 "their number, not one channel per class"});
}

TEST_CASE("channels of a case that lie elsewhere are told") {
  const TempDir dir;
  NiftiSpec spec;
  const std::string first = dir.write("a_0000.nii", volume(spec)).string();
  spec.pixdim[3] = 5;
  const std::string second = dir.write("a_0001.nii", volume(spec)).string();
  CHECK(warnings_of(dir, from({first, second})) ==
        Warnings{"a_0001.nii: lies elsewhere than a_0000.nii: voxel size 4 x 3 x 2 against 5 x 3 x "
                 "2"});
}

TEST_CASE("what a header says and an import drops is told once a file") {
  const TempDir dir;
  const std::string image =
      dir.write("a.nrrd",
                "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 3 2 2\nencoding: raw\nold max: 1\n\n" +
                    std::string(15, 'x'))
          .string();
  CHECK(
      warnings_of(dir, from({image})) ==
      Warnings{"a.nrrd: old max: values were quantized and stay as stored; unu unquantize restores "
               "them",
               "a.nrrd: 3 bytes after the voxels (2x2x3) are left out"});
}

TEST_CASE("an archive leaves out what holds no numbers, with a warning") {
  const TempDir dir;
  const std::string images = npy("|u1", "(4, 1, 2, 3)", std::string(24, '\7'));
  const std::string labels = npy("|u1", "(4,)", std::string(4, '\1'));
  const auto path = dir.write("set.npz", zip({{"train_images.npy", images},
                                              {"train_labels.npy", labels},
                                              {"names.npy", npy("<U3", "(1,)", "x")},
                                              {"empty.npy", npy("<f4", "(0, 3)", "")},
                                              {"notes.txt", "x"}}));
  const ImportResult result = import_to(dir / "out.h5", from({path.string()}));
  CHECK(result.volumes == 4);
  CHECK(result.labels == 4);
  CHECK(result.arrays == 0);
  REQUIRE(result.warnings.size() == 3);
  CHECK(from_inside(dir.path(), result.warnings[0]) ==
        "set.npz: empty: expected extents of at least 1, found 0x3; the array is left out");
  CHECK(from_inside(dir.path(), result.warnings[1]) ==
        "set.npz: names: expected integers or floats, found numbers of type '<U3'; the array is "
        "left out");
  CHECK(from_inside(dir.path(), result.warnings[2]) ==
        "set.npz: left out 1 files that are no arrays: notes.txt");
  const auto words = dir.write("words.npz", zip({{"names.npy", npy("<U3", "(1,)", "x")}}));
  CHECK(error_with(dir, from({words.string()})) ==
        "3: words.npz: expected arrays of integers or floats, found none");
}

TEST_CASE("names that are no names of datasets are refused") {
  const TempDir dir;
  const std::string array = npy("<f4", "(1,)", "1234");
  const auto error = [&](const std::vector<std::string>& names) {
    std::vector<std::pair<std::string, std::string>> members;
    for (const std::string& name : names) members.emplace_back(name + ".npy", array);
    return error_with(dir, from({dir.write("a.npz", zip(members)).string()}));
  };
  const std::string expected =
      ": expected a name for its dataset without '.', '..', empty parts and control characters, "
      "found ";
  CHECK(error({"a/b", "a/c"}).empty());
  CHECK(error({"../b"}) == "3: a.npz: ../b" + expected + "'../b'");
  CHECK(error({"/b"}) == "3: a.npz: /b" + expected + "'/b'");
  CHECK(error({"a//b"}) == "3: a.npz: a//b" + expected + "'a//b'");
  CHECK(error({"."}) == "3: a.npz: ." + expected + "'.'");
  CHECK(error({"a\n"}) == "3: a.npz: a\\n" + expected + "'a\\n'");
  CHECK(error({"a", "a/b"}) ==
        "3: a.npz: a/b: the dataset 'a/b' is taken by another volume or array");
  CHECK(error({"train/raw", "train_images", "train_labels"}) ==
        "3: a.npz: train_images: the dataset 'train/raw' is taken by another volume or array");
  CHECK(error_with(dir, from({dir.write("..nii", volume()).string()})) ==
        "3: ..nii" + expected + "'./raw'");
  ImportOptions options = from({dir.write("b.nii", volume()).string()});
  options.label_name = options.raw_name;
  CHECK(error_with(dir, options) ==
        "2: --label-name: expected another name than --raw-name, found 'raw'");
}

TEST_CASE("a raw file that is longer or shorter than its description is refused") {
  const TempDir dir;
  ImportOptions options = from({dir.write("a.raw", std::string(30, 'x')).string()});
  options.layout.shape = {2, 3, 4};
  options.layout.type = "uint8";
  const std::string end = "; correct --shape, --type or --skip-bytes";
  CHECK(error_with(dir, options) ==
        "3: a.raw: expected 24 bytes for 2x3x4 of uint8, found 30" + end);
  options.layout.skip_bytes = 6;
  CHECK(error_with(dir, options).empty());
  options.layout.skip_bytes = 0;
  options.layout.shape = {2, 3, 6};
  CHECK(error_with(dir, options) ==
        "3: a.raw: expected 36 bytes for 2x3x6 of uint8, found 30" + end);
  options.inputs = {dir.write("b.raw.gz", gzip(std::string(30, 'x'))).string()};
  CHECK(error_with(dir, options) ==
        "3: b.raw.gz: expected 36 bytes for 2x3x6 of uint8, found 30" + end);
  options.layout.shape = {2, 3, 4};
  CHECK(error_with(dir, options) ==
        "3: b.raw.gz: expected 24 bytes for 2x3x4 of uint8, found 30" + end);
}
