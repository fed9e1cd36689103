#include "formats/import/import.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "data/hdf5/file.h"
#include "data/hdf5/h5_files.h"
#include "formats/import/imported.h"
#include "formats/readers/read_volume.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Stores labels 0 1 2 0 1 2 ... as floats, as many tools do.
std::string float_labels(float last = 2) {
  NiftiSpec spec;
  spec.datatype = 16;
  spec.bits = 32;
  std::vector<float> labels;
  for (int i = 0; i < 11; ++i) labels.push_back(static_cast<float>(i % 3));
  labels.push_back(last);
  return nifti1(spec) + bytes_of(labels);
}

// Writes imagesTr and labelsTr with two cases.
void write_decathlon(const TempDir& dir) {
  dir.write("task/imagesTr/b.nii.gz", gzip(volume({}, 100)));
  dir.write("task/imagesTr/a.nii.gz", gzip(volume()));
  dir.write("task/imagesTr/._a.nii.gz", "what macOS leaves");
  dir.write("task/labelsTr/a.nii.gz", gzip(float_labels()));
  dir.write("task/labelsTr/b.nii.gz", gzip(float_labels()));
  dir.write("task/dataset.json", R"({"labels": {"0": "background", "2": "right", "1": "left"}})");
}

std::string import_error(const TempDir& dir, const ImportOptions& options) {
  return from_inside(dir.path(), error_of([&] { import_to(dir / "refused.h5", options); }));
}

}  // namespace

TEST_CASE("a folder of the Decathlon becomes a group a case, labels the smallest integers") {
  const TempDir dir;
  write_decathlon(dir);
  ImportOptions options = from({(dir / "task").string()});
  options.deflate = 2;
  const ImportResult result = import_to(dir / "out.h5", options);
  CHECK(result.volumes == 2);
  CHECK(result.labels == 2);
  CHECK(result.warnings.empty());
  const hdf5::File file(dir / "out.h5");
  CHECK(file.datasets() == std::vector<std::string>{"a/label", "a/raw", "b/label", "b/raw"});
  CHECK(file.open("b/raw").shape() == Shape{2, 2, 3});
  CHECK(file.open("b/raw").info().storage == "chunks 2x2x3, shuffle, deflate 2");
  CHECK(file.open("b/raw").read<float>().front() == 100);
  CHECK(file.open("a/label").info().type == "uint8");
  CHECK(file.open("a/label").read<float>() ==
        std::vector<float>{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2});
  CHECK(file.attribute_list<std::string>("a/label", "class_names") ==
        std::vector<std::string>{"background", "left", "right"});
  CHECK(file.attribute<std::string>("a/raw", "axes") == "dhw");
  CHECK(file.attribute<std::string>("a/raw", "source") == "a.nii.gz");
  CHECK(file.attribute<std::string>("a/raw", "units") == "mm");
  CHECK(!file.attribute<std::string>("a/raw", "orientation"));  // both codes of the file are 0
  CHECK(file.attribute_list<double>("a/raw", "voxel_size_mm") == std::vector<double>{4, 3, 2});
  CHECK(file.attribute_list<double>("a/raw", "affine") ==
        std::vector<double>{2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1});
}

TEST_CASE("what is imported does not depend on the threads that compress it") {
  const TempDir dir;
  NiftiSpec spec;
  spec.dim = {70, 65, 130};
  std::string voxels;
  for (std::size_t i = 0; i < 70 * 65 * 130; ++i) voxels += static_cast<char>(i * i / 4099);
  dir.write("a.nii", nifti1(spec) + voxels);
  std::vector<std::string> files;
  for (const int threads : {1, 3}) {
    ImportOptions options = from({(dir / "a.nii").string()});
    options.threads = threads;
    const auto path = dir / (std::to_string(threads) + ".h5");
    import_to(path, options);
    files.push_back(read_text(path));
    const auto array = hdf5::File(path).open("a/raw");
    CHECK(array.info().storage == "chunks 64x64x64, shuffle, deflate 4");
    const std::vector<std::int64_t> found = array.read<std::int64_t>();
    CHECK(std::ranges::equal(found, voxels, {}, {}, [](char voxel) {
      return std::int64_t{static_cast<unsigned char>(voxel)};
    }));
  }
  CHECK(files[0] == files[1]);
}

TEST_CASE("imported volumes of one size are stacked when asked") {
  const TempDir dir;
  write_decathlon(dir);
  ImportOptions options = from({(dir / "task").string()});
  options.is_stacked = true;
  options.raw_name = "volumes";
  options.label_name = "labels";
  CHECK(import_to(dir / "out.h5", options).volumes == 2);
  const hdf5::File file(dir / "out.h5");
  CHECK(file.open("volumes").shape() == Shape{2, 1, 2, 2, 3});
  CHECK(file.open("volumes").read<float>()[12] == 100);
  CHECK(file.open("labels").shape() == Shape{2, 2, 2, 3});
  CHECK(file.attribute<std::string>("volumes", "names") == R"(["a","b"])");
  CHECK(file.attribute<std::string>("volumes", "axes") == "ncdhw");
  CHECK(file.attribute_list<double>("volumes", "voxel_size_mm") == std::vector<double>{4, 3, 2});
  NiftiSpec other;
  other.dim = {3, 4};
  dir.write("task/imagesTr/b.nii.gz", gzip(volume(other)));
  dir.write("task/labelsTr/b.nii.gz", gzip(volume(other)));
  CHECK(import_error(dir, options) ==
        "3: task/imagesTr/b.nii.gz: expected 2x2x3 as in task/imagesTr/a.nii.gz, found 1x4x3");
}

TEST_CASE("images of one name with four digits behind are channels, as in nnU-Net") {
  const TempDir dir;
  dir.write("imagesTr/a_0000.nii", volume());
  dir.write("imagesTr/a_0001.nii", volume({}, 50));
  dir.write("labelsTr/a.nii", float_labels());
  dir.write("dataset.json",
            R"({"channel_names": {"0": "CT"}, "labels": {"background": 0, "tumour": 1}})");
  import_to(dir / "out.h5", from({(dir / "imagesTr").string()}, {(dir / "labelsTr").string()}));
  const hdf5::File file(dir / "out.h5");
  CHECK(file.open("a/raw").shape() == Shape{2, 2, 2, 3});
  CHECK(file.attribute<std::string>("a/raw", "axes") == "cdhw");
  CHECK(file.open("a/raw").read<float>()[12] == 50);
  CHECK(file.attribute_list<std::string>("a/label", "class_names") ==
        std::vector<std::string>{"background", "tumour"});
  CHECK(file.attribute_list<std::string>("a/raw", "channel_names") ==
        std::vector<std::string>{"CT"});
}

TEST_CASE("one image and one label belong together whatever they are called") {
  const TempDir dir;
  const std::string image = dir.write("ct.nii", volume()).string();
  const std::string label =
      dir.write("seg.nrrd", "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 3 2 2\nencoding: raw\n\n" +
                                std::string(12, '\1'))
          .string();
  import_to(dir / "out.h5", from({image}, {label}));
  CHECK(hdf5::File(dir / "out.h5").datasets() == std::vector<std::string>{"ct/label", "ct/raw"});
}

TEST_CASE("an image without label and a label without image are told, all of them") {
  const TempDir dir;
  for (const char* name : {"images/a.nii", "images/b.nii", "labels/b.nii", "labels/c.nii"})
    dir.write(name, volume());
  CHECK(import_error(dir, from({(dir / "images").string()}, {(dir / "labels").string()})) ==
        "3: images/a.nii: expected a label named 'a' in labels, found none\nlabels/c.nii: expected "
        "an image named 'c' in images, found none");
  dir.write("more/b.nrrd", "x");
  CHECK(import_error(dir, from({(dir / "images").string(), (dir / "more").string()})) ==
        "3: more/b.nrrd: expected images of different names, found images/b.nii as well");
  dir.write("empty/notes.txt", "x");
  CHECK(import_error(dir, from({(dir / "empty").string()})).starts_with("2: "));
  CHECK(import_error(dir, from({(dir / "absent.nii").string()})) == "2: absent.nii: no such file");
}

TEST_CASE("labels that do not fit their image are refused, those that lie elsewhere are told") {
  const TempDir dir;
  const std::string image = dir.write("a.nii", volume()).string();
  NiftiSpec spec;
  spec.dim = {3, 4};
  const std::string flat = dir.write("flat.nii", volume(spec)).string();
  CHECK(import_error(dir, from({image}, {flat})) ==
        "3: flat.nii: expected 2x2x3 voxels as in a.nii, found 1x4x3");
  const std::string half = dir.write("half.nii", float_labels(1.5f)).string();
  CHECK(import_error(dir, from({image}, {half})) ==
        "3: half.nii: expected labels that are whole numbers, found 1.5");
  const std::string nan = dir.write("nan.nii", float_labels(kNan)).string();
  CHECK(import_error(dir, from({image}, {nan})) ==
        "3: nan.nii: expected labels that are whole numbers, found nan");
  spec.dim = {3, 2, 2};
  spec.sform_code = 1;
  spec.rows[0] = -2;
  const std::string mirrored = dir.write("mirrored.nii", volume(spec)).string();
  const ImportResult result = import_to(dir / "out.h5", from({image}, {mirrored}));
  REQUIRE(result.warnings.size() == 1);
  CHECK(from_inside(dir.path(), result.warnings[0]) ==
        "mirrored.nii: lies elsewhere than a.nii: orientation none against LAS");
}

TEST_CASE("labels take the smallest type that holds them") {
  const TempDir dir;
  const std::string image = dir.write("a.nii", volume()).string();
  const auto type_with = [&](float last) {
    const std::string label = dir.write("l.nii", float_labels(last)).string();
    import_to(dir / "out.h5", from({image}, {label}));
    return hdf5::File(dir / "out.h5").open("a/label").info().type;
  };
  CHECK(type_with(255) == "uint8");
  CHECK(type_with(-100) == "int8");
  CHECK(type_with(256) == "uint16");
  CHECK(type_with(-1000) == "int16");
  CHECK(type_with(70000) == "int32");
  CHECK(type_with(0x1p40f) == "int64");
}

TEST_CASE("an archive of MedMNIST becomes its sets, other arrays keep their names") {
  const TempDir dir;
  const std::string images = npy("|u1", "(2, 1, 2, 3)", std::string(12, '\7'));
  const std::string labels = npy("<i8", "(2, 1)", bytes_of(std::vector<std::int64_t>{1, 0}));
  const std::string other = npy("<f4", "(3,)", bytes_of(std::vector<float>{1, 2, 3}));
  const auto path = dir.write(
      "set.npz",
      zip({{"train_images.npy", images}, {"train_labels.npy", labels}, {"weights.npy", other}},
          ZipKind::k64));
  const ImportResult result = import_to(dir / "out.h5", from({path.string()}));
  CHECK(result.volumes == 2);
  CHECK(result.labels == 2);
  CHECK(result.arrays == 1);
  CHECK(result.warnings.empty());
  const hdf5::File file(dir / "out.h5");
  CHECK(file.datasets() == std::vector<std::string>{"train/label", "train/raw", "weights"});
  CHECK(file.open("train/raw").shape() == Shape{2, 1, 1, 2, 3});
  CHECK(file.open("train/label").shape() == Shape{2});
  CHECK(file.open("train/label").info().type == "uint8");
  CHECK(file.open("train/label").read<float>() == std::vector<float>{1, 0});
  CHECK(file.open("weights").read<float>() == std::vector<float>{1, 2, 3});
  CHECK(file.attribute<std::string>("train/raw", "source") == "set.npz: train_images");
}
