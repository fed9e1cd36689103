#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "data/hdf5/h5_files.h"
#include "preview/font.h"
#include "preview/label_histogram.h"
#include "preview/legend.h"
#include "preview/tile.h"
#include "preview/view_plan.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

TEST_CASE("slices lie where the labels are") {
  CHECK(slice_places({0, 0, 0, 4, 4, 0}, 6, 1) == std::vector<std::int64_t>{3});
  CHECK(slice_places({0, 1, 1, 1, 1, 1, 1, 1, 1, 0}, 10, 3) == std::vector<std::int64_t>{2, 4, 6});
  CHECK(slice_places({}, 100, 3) == std::vector<std::int64_t>{25, 50, 75});
  CHECK(slice_places({0, 0}, 2, 9) == std::vector<std::int64_t>{0, 1});
  CHECK(slice_places({9, 0, 0}, 3, 3) == std::vector<std::int64_t>{0});
}

TEST_CASE("labels are counted over the whole volume") {
  const TempDir dir;
  std::vector<double> labels(70 * 2 * 3, 0);  // spans more than one box of slices
  labels[0] = 5;
  labels[1] = labels[2] = 1;
  labels[69 * 6 + 4] = 1;
  store(dir / "a.h5", "label", {{70, 2, 3}, labels});
  const hdf5::File file(dir / "a.h5");
  const SlicedVolume volume(file.open("label"), {}, "");
  const SliceHistogram histogram = count_labels(volume, [](double) {});
  CHECK(histogram.voxels == std::map<std::int64_t, std::int64_t>{{0, 416}, {1, 3}, {5, 1}});
  CHECK(histogram.labelled[0][0] == 3);
  CHECK(histogram.labelled[0][69] == 1);
  CHECK(histogram.labelled[1] == std::vector<std::int64_t>{3, 1});
  CHECK(histogram.labelled[2] == std::vector<std::int64_t>{1, 2, 1});
}

TEST_CASE("classes of channels are those of the largest value") {
  const TempDir dir;
  store(dir / "a.h5", "three", {{1, 3, 1, 1, 2}, {0.1, 0.5, 0.7, 0.2, 0.2, 0.6}, H5T_NATIVE_FLOAT});
  store(dir / "a.h5", "last", {{1, 1, 2, 3}, {0, 9, 1, 8, 2, 1}});
  const hdf5::File file(dir / "a.h5");
  const SlicedVolume three(file.open("three"), {}, "");
  CHECK(three.read_labels({0, 0, 0}, {1, 1, 2}) == std::vector<std::int64_t>{1, 2});
  const SlicedVolume last(file.open("last"), {"dhwc", 0, 2}, "");
  CHECK(last.read({0, 0, 1}, {1, 1, 1}) == std::vector<float>{1});
  CHECK(last.read_labels({0, 0, 0}, {1, 1, 2}) == std::vector<std::int64_t>{1, 0});
}

TEST_CASE("labels keep their numbers, however large, and whatever the order of the axes") {
  const TempDir dir;
  store(dir / "a.h5", "label", {{2, 1, 2}, {16777217, 5, 7, -3}, H5T_STD_I64BE});
  const hdf5::File file(dir / "a.h5");
  const SlicedVolume label(file.open("label"), {"whd", 0, 0}, "");
  CHECK(label.read_labels({0, 0, 0}, {2, 1, 2}) == std::vector<std::int64_t>{16777217, 7, 5, -3});
}

TEST_CASE("one channel of floats is a class where it is above the threshold") {
  const TempDir dir;
  store(dir / "a.h5", "one", {{1, 1, 1, 1, 3}, {0.4, 0.6, -1}, H5T_NATIVE_FLOAT});
  const hdf5::File file(dir / "a.h5");
  SlicedVolume one(file.open("one"), {}, "");
  CHECK(one.read_labels({0, 0, 0}, {1, 1, 3}) == std::vector<std::int64_t>{0, 1, 0});
  one.set_threshold(0);
  CHECK(one.read_labels({0, 0, 0}, {1, 1, 3}) == std::vector<std::int64_t>{1, 1, 0});
}

TEST_CASE("views hang as radiologists hang them, whatever way the axes run") {
  Geometry geometry = plain_geometry({1, 1, 1});
  CHECK(plan_views(geometry, "")[0].name == "d");  // no code says what x y z are
  geometry.sform_code = 1;
  auto views = plan_views(geometry, "");  // w points right, h anterior, d superior
  CHECK(views[0].name == "axial");
  CHECK(views[0].across == 0);
  CHECK(views[0].is_turned_down);   // anterior up
  CHECK(views[0].is_turned_right);  // the patient's right on the left
  CHECK(views[2].name == "sagittal");
  CHECK(views[2].is_turned_right);  // anterior on the left
  geometry.affine = {-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1};
  views = plan_views(geometry, "h");
  CHECK(!views[0].is_turned_right);
  CHECK(views[0].is_turned_down);  // requested
  CHECK(views[0].top_letter.empty());
  CHECK(views[0].left_letter == "R");
  geometry.affine = {0, 0, 1, 0, 1, 0, 0, 0,
                     0, 1, 0, 0, 0, 0, 0, 1};  // d points right, w anterior, h superior
  views = plan_views(geometry, "");
  CHECK(views[0].across == 1);
  CHECK(views[0].down == 2);
  CHECK(views[0].right == 0);
}

TEST_CASE("the window leaves out what is rare, infinite or not a number") {
  std::vector<float> values(1000, 10);
  std::fill_n(values.begin(), 500, 20.0f);
  values[0] = 1e30f;
  values[1] = std::numeric_limits<float>::infinity();
  values[2] = std::numeric_limits<float>::quiet_NaN();
  CHECK(window_of(values).low == 10);
  CHECK(window_of(values).high == 20);
  CHECK(window_of({5, 5}).low < 5);
  CHECK(window_of({}).low == 0);
}

TEST_CASE("a slice is averaged where it shrinks and interpolated where it grows") {
  const Slice columns{1, 4, {0, 100, 0, 100}, {}};
  const Picture small = draw_slice(columns, {0, 100}, 2, 1);
  for (const std::int64_t x : {0, 1}) {
    CHECK(small.at(x, 0).r > 90);
    CHECK(small.at(x, 0).r < 165);
  }
  const Slice step{1, 2, {0, 100}, {}};
  const Picture large = draw_slice(step, {0, 100}, 8, 1);
  CHECK(large.at(0, 0).r == 0);
  CHECK(large.at(7, 0).r == 255);
  CHECK(large.at(3, 0).r > 90);
  CHECK(large.at(3, 0).r < large.at(4, 0).r);
}

TEST_CASE("text is as wide as it says, and is cut where there is no room") {
  Picture picture(100, 20, {});
  draw_text(picture, 0, 3, "Hi", {255, 255, 255});
  std::int64_t right = 0;
  for (std::int64_t y = 0; y < 20; ++y)
    for (std::int64_t x = 0; x < 100; ++x)
      if (!(picture.at(x, y) == Colour{})) right = std::max(right, x);
  CHECK(right < text_width("Hi"));
  CHECK(right > kLetterWidth);
  CHECK(fitted_text("abcdefgh", 60) == "abc..");
  CHECK(fitted_text("abc", 60) == "abc");
}

TEST_CASE("the legend keeps the largest labels where there are many") {
  SliceHistogram histogram;
  for (std::int64_t label = 0; label < 100; ++label) histogram.voxels[label] = 100 - label;
  const Legend legend(histogram, {}, 240);
  CHECK(legend.height() == 24 * 10);  // a header, 8 labels, "and 92 more"
  CHECK(Legend({}, {}, 240).is_empty());
}
