#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "data/hdf5/write.h"
#include "formats/open/open_volume.h"
#include "formats/readers/made_files.h"
#include "formats/readers/nifti.h"
#include "formats/readers/nrrd_write.h"
#include "formats/writers/tiff_write.h"
#include "infer/tiled/segmenter.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using test::Segmenter;

// All ways to lay d, h and w along the axes of the patient without mirroring him, each with other
// voxel sizes and another origin.
std::vector<Geometry> orientations() {
  std::vector<Geometry> all;
  std::array<std::size_t, 3> order{0, 1, 2};
  do {
    for (int signs = 0; signs < 8; ++signs) {
      const bool is_even = (order[0] == 0) == (order[1] == 1) ||
                           order == std::array<std::size_t, 3>{1, 2, 0} ||
                           order == std::array<std::size_t, 3>{2, 0, 1};
      const int minus = (signs & 1) + (signs >> 1 & 1) + (signs >> 2 & 1);
      if ((minus % 2 == 0) != is_even) continue;
      Geometry geometry = plain_geometry({2.5, 1.25, 0.75});
      geometry.affine = {};
      geometry.affine[15] = 1;
      for (std::size_t column = 0; column < 3; ++column) {
        geometry.affine[4 * order[column] + column] =
            geometry.voxel_size[2 - column] * ((signs >> column & 1) != 0 ? -1 : 1);
        geometry.affine[4 * column + 3] = -10.5 + 7.25 * static_cast<double>(column + all.size());
      }
      geometry.sform_code = 1;
      all.push_back(geometry);
    }
  } while (std::ranges::next_permutation(order).found);
  return all;
}

struct VolumeRun : Segmenter {
  VolumeRun() : voxels(add_volume("a.h5", {20, 18, 16})) {
    options.inputs.clear();
    options.tiles.emplace();
    options.tiles->patch = Triple{16, 16, 16};
    options.tiles->overlap = 0.5;
  }

  FillElements fill() const {
    return [this](std::int64_t begin, std::span<std::byte> out) {
      std::copy_n(std::as_bytes(std::span(voxels)).begin() + begin, out.size(), out.begin());
    };
  }
  std::string write(const std::string& name, const Geometry& place) const {
    const fs::path path = experiment / name;
    const std::vector<std::int64_t> extents{20, 18, 16};
    fs::create_directories(path.parent_path());
    if (path.extension() == ".nrrd")
      write_nrrd_data(path, path, ElementType::kUint8, extents, place, fill());
    else
      write_nifti({path, true}, ElementType::kUint8, extents, place, fill());
    return path.string();
  }
  // Predicts a file into another and reads all of that.
  template <class T>
  std::vector<T> predicted(const std::string& input, const std::string& output) {
    options.inputs = {input};
    options.output = experiment / output;
    run();
    VolumeFile file = open_volume(options.output, {});
    shape = file.header().extents;
    geometry = file.header().geometry;
    std::vector<T> values(file.shape().count());
    REQUIRE(sizeof(T) == element_bytes(file.element()));
    file.read(std::as_writable_bytes(std::span(values)));
    CHECK(file.finish().empty());
    return values;
  }
  template <class T>
  std::vector<T> of_hdf5(Activation activation) {
    options.inputs = {(experiment / "a.h5").string()};
    options.activation = activation;
    options.output = experiment / "expected.h5";
    run();
    return hdf5::File(options.output).open("predictions").read<T>();
  }

  std::vector<std::uint8_t> voxels;
  std::vector<std::int64_t> shape;
  std::optional<Geometry> geometry;
};

}  // namespace

TEST_CASE(
    "labels of NIfTI and NRRD files lie where their voxels do, in all formats and orientations") {
  VolumeRun f;
  std::vector<std::uint8_t> expected;
  for (const float label : f.of_hdf5<float>(Activation::kArgmax))
    expected.push_back(static_cast<std::uint8_t>(label));
  const std::vector<Geometry> all = orientations();
  REQUIRE(all.size() == 24);
  for (std::size_t i = 0; i < all.size(); ++i) {
    CAPTURE(i);
    const std::string input = f.write(i % 2 == 0 ? "in.nii.gz" : "in.nrrd", all[i]);
    const std::string outputs[] = {"out.nii", "out.nii.gz", "out.nrrd", "out.mha", "out.zarr"};
    const std::string& output = outputs[i / 2 % 5];
    CHECK(f.predicted<std::uint8_t>(input, output) == expected);
    CHECK(f.shape == std::vector<std::int64_t>{20, 18, 16});
    REQUIRE(f.geometry);
    for (std::size_t j = 0; j < 16; ++j)
      CHECK(std::abs(f.geometry->affine[j] - all[i].affine[j]) < 1e-6);
    CHECK(f.geometry->voxel_size == all[i].voxel_size);
    CHECK(f.geometry->is_oriented());
  }
}

TEST_CASE(
    "probabilities have a channel axis in NIfTI, NRRD, MetaImage and Zarr, and the values of "
    "HDF5") {
  VolumeRun f;
  const auto expected = f.of_hdf5<float>(Activation::kSoftmax);
  const std::string input = f.write("in.nii", orientations().front());
  for (const std::string output : {"out.nii.gz", "out.nrrd", "out.mha", "out.zarr"}) {
    CAPTURE(output);
    CHECK(f.predicted<float>(input, output) == expected);
    CHECK(f.shape == std::vector<std::int64_t>{3, 20, 18, 16});
  }
}

TEST_CASE("predictions go from TIFF to TIFF with the size of voxels") {
  VolumeRun f;
  const auto expected = f.of_hdf5<float>(Activation::kSoftmax);
  const fs::path input = f.experiment / "in.tif";
  write_tiff_data(input, input, ElementType::kUint8, {20, 18, 16}, plain_geometry({2.5, 1.5, 0.5}),
                  f.fill());
  const std::vector<float> found = f.predicted<float>(input.string(), "out.tif");
  CHECK(f.shape == std::vector<std::int64_t>{20, 3, 18, 16});
  const std::int64_t plane = std::int64_t{18} * 16;
  bool are_equal = true;
  for (std::int64_t i = 0; i < 3 * 20 * plane; ++i) {
    const std::int64_t c = i / (20 * plane), d = i / plane % 20,
                       at = (d * 3 + c) * plane + i % plane;
    are_equal =
        are_equal && found[static_cast<std::size_t>(at)] == expected[static_cast<std::size_t>(i)];
  }
  CHECK(are_equal);
  REQUIRE(f.geometry);
  CHECK(f.geometry->voxel_size[0] == doctest::Approx(2.5));
  CHECK(f.geometry->voxel_size[2] == doctest::Approx(0.5));
  f.options.activation = Activation::kArgmax;
  CHECK(f.predicted<std::uint8_t>(input.string(), "labels.tif").size() == f.voxels.size());
}

TEST_CASE("predictions of a volume file as HDF5 have its axes and place") {
  VolumeRun f;
  const auto expected = f.of_hdf5<float>(Activation::kNone);
  const Geometry geometry = orientations().back();
  f.options.inputs = {f.write("in.nii.gz", geometry)};
  f.options.output = f.experiment / "out.h5";
  f.run();
  const hdf5::File file(f.options.output);
  CHECK(file.open("predictions").read<float>() == expected);
  CHECK(file.attribute<std::string>("predictions", "axes") == "ncdhw");
  CHECK(read_geometry(file, "predictions")->affine == geometry.affine);
}

TEST_CASE("a folder gets one file for each input, and none where two have the same name") {
  VolumeRun f;
  const Geometry geometry = orientations().front();
  f.options.activation = Activation::kArgmax;
  f.options.inputs = {f.write("x/one.nii.gz", geometry), f.write("y/one.nrrd", geometry)};
  f.options.output = f.experiment / "found/";
  CHECK(f.error() ==
        "2: y/one.nrrd: expected names that differ, found x/one.nii.gz; predict them into folders "
        "of their own");
  CHECK_FALSE(fs::exists(f.experiment / "found"));
  f.options.inputs.back() = f.write("y/two.nrrd", geometry);
  CHECK(f.run().samples == 2);
  CHECK(fs::exists(f.experiment / "found/one.nii.gz"));
  CHECK(fs::exists(f.experiment / "found/two.nii.gz"));
  f.options.may_overwrite = false;
  CHECK(f.run().files_of_others == 2);
  f.options.tiles->overlap = 0.25;
  CHECK(f.error() == "2: found/one.nii.gz: exists; --overwrite replaces it");
}

TEST_CASE("a volume file that is cut short is an error of its data, and leaves no output") {
  VolumeRun f;
  const std::string input = f.write("in.nii.gz", orientations().front());
  fs::resize_file(input, fs::file_size(input) / 2);
  f.options.inputs = {input};
  f.options.output = f.experiment / "out.nii.gz";
  CHECK(f.error() == "3: in.nii.gz: its gzip data is cut short");
  CHECK_FALSE(fs::exists(f.options.output));
}

TEST_CASE("of an archive the array is predicted that is named") {
  VolumeRun f;
  const std::vector<float> expected = f.of_hdf5<float>(Activation::kNone);
  const std::string voxels(f.voxels.begin(), f.voxels.end());
  f.experiment.folder.write("a.npz", test::zip({{"x.npy", test::npy("|u1", "(20, 18, 16)", voxels)},
                                                {"y.npy", test::npy("|u1", "(1,)", "y")}}));
  f.options.inputs = {(f.experiment / "a.npz").string()};
  CHECK(f.error() == "2: a.npz: holds several arrays; say which with --dataset: x, y");
  f.options.dataset = "x";
  CHECK(f.predictions() == expected);
}

TEST_CASE("what only HDF5 files hold is refused for other files") {
  VolumeRun f;
  f.options.inputs = {f.write("in.nii.gz", orientations().front())};
  f.options.output = f.experiment / "out.npy";
  CHECK(f.error() ==
        "2: out.npy: expected a name that ends in .h5, .nii, .nii.gz, .nrrd, .mha, .tif or .zarr");
  f.options.output = f.experiment / "out.nii";
  f.options.output_type = OutputType::kFloat16;
  CHECK(
      f.error() ==
      "2: --output-type: out.nii cannot hold float16; choose float32, or a name that ends in .h5");
  f.options.output_type.reset();
  f.options.target = "voxels";
  CHECK(
      f.error() ==
      "2: in.nii.gz: --target requires HDF5 inputs, which hold both; lucid-data evaluate compares "
      "other files");
}

}  // namespace lucid
