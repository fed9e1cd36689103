#include "formats/labels/label_volume.h"

#include <doctest/doctest.h>

#include "data/hdf5/write.h"
#include "formats/labels/write_labels.h"
#include "formats/readers/made_files.h"
#include "labels/made_labels.h"
#include "support/temp_dir.h"

namespace lucid::test {
namespace {

// The label at (n, d, h, w) of the volumes below.
Label label_at(std::int64_t n, std::int64_t d, std::int64_t h, std::int64_t w) {
  return static_cast<Label>(n * 1000 + d * 100 + h * 10 + w);
}

// Writes labels of 2 samples of 5x4x3 voxels with their axes in this order, in small chunks.
void write_in_order(const std::filesystem::path& path, const std::string& axes) {
  const std::map<char, std::int64_t> extents{{'n', 2}, {'c', 1}, {'d', 5}, {'h', 4}, {'w', 3}};
  std::vector<std::int64_t> shape, at(axes.size(), 0);
  for (const char axis : axes) shape.push_back(extents.at(axis));
  std::vector<std::int32_t> values;
  for (std::int64_t i = 0; i < Shape(shape).elements(); ++i) {
    std::map<char, std::int64_t> place{{'n', 0}};
    std::int64_t rest = i;
    for (std::size_t axis = axes.size(); axis-- > 0; rest /= shape[axis])
      place[axes[axis]] = rest % shape[axis];
    values.push_back(label_at(place['n'], place['d'], place['h'], place['w']));
  }
  hdf5::Writer file(path);
  file.write<std::int32_t>("group/labels", Shape(shape), values,
                           {.chunk = std::vector<std::int64_t>(axes.size(), 2), .deflate = 1});
  file.set_attribute("group/labels", "axes", axes);
  file.close();
}

std::vector<Label> labels_of_sample(std::int64_t n) {
  std::vector<Label> labels;
  for (std::int64_t d = 0; d < 5; ++d)
    for (std::int64_t h = 0; h < 4; ++h)
      for (std::int64_t w = 0; w < 3; ++w) labels.push_back(label_at(n, d, h, w));
  return labels;
}

}  // namespace

TEST_CASE("planes of labels come in the order d, h, w from any order of axes, as often as wanted") {
  const TempDir dir;
  for (const std::string axes : {"ndhw", "wdhn", "hnwd", "ncdhw", "dhwc", "whd"}) {
    CAPTURE(axes);
    const auto path = dir / (axes + ".h5");
    write_in_order(path, axes);
    const auto sources = find_labels(path.string());
    const bool has_samples = axes.find('n') != std::string::npos;
    REQUIRE(sources.size() == (has_samples ? 2 : 1));
    CHECK(sources.front().name == (has_samples ? "0" : axes));
    for (const LabelSource& source : sources) {
      LabelVolume volume(source, 2);
      CHECK(volume.extents() == Triple{5, 4, 3});
      for (int pass = 0; pass < 2; ++pass)
        CHECK(all_labels(volume) == labels_of_sample(source.sample));
    }
  }
}

TEST_CASE("datasets of labels are written with samples and axes in the usual order") {
  const TempDir dir;
  write_in_order(dir / "a.h5", "hnwd");
  const auto sources = find_labels((dir / "a.h5").string() + ":/group/labels");
  {
    hdf5::Writer file(dir / "b.h5");
    LabelDataset dataset(file, sources[0], ElementType::kUint16, 2);
    for (const std::size_t i : {std::size_t{1}, std::size_t{0}}) {
      LabelVolume volume(sources[i], 1);
      dataset.write(volume, sources[i].sample, no_progress);
    }
    file.close();
  }
  const hdf5::File file(dir / "b.h5");
  CHECK(file.open("group/labels").shape() == Shape{2, 5, 4, 3});
  CHECK(file.attribute<std::string>("group/labels", "axes") == "ndhw");
  for (const LabelSource& source : find_labels((dir / "b.h5").string())) {
    LabelVolume volume(source, 1);
    CHECK(volume.element() == ElementType::kUint16);
    CHECK(all_labels(volume) == labels_of_sample(source.sample));
  }
}

TEST_CASE("labels in floats count if they are whole numbers") {
  const TempDir dir;
  dir.write("a.nii", nifti1({.datatype = 16, .bits = 32}) +
                         bytes_of(std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 300}));
  LabelVolume volume(find_labels((dir / "a.nii").string()).front(), 1);
  CHECK(all_labels(volume).back() == 300);
  CHECK(volume.geometry()->voxel_size == std::array<double, 3>{4, 3, 2});
  CHECK(volume.warnings().empty());
}

TEST_CASE("labels keep a stored type of integers that holds them, of at most 32 bits") {
  CHECK(label_type(ElementType::kUint8, 255) == ElementType::kUint8);
  CHECK(label_type(ElementType::kUint8, 256) == ElementType::kInt32);
  CHECK(label_type(ElementType::kInt8, 128) == ElementType::kInt32);
  CHECK(label_type(ElementType::kUint16, 256) == ElementType::kUint16);
  CHECK(label_type(ElementType::kInt64, 1) == ElementType::kInt32);
  CHECK(label_type(ElementType::kFloat32, 1) == ElementType::kInt32);
}

}  // namespace lucid::test
