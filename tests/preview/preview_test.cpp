#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "data/hdf5/h5_files.h"
#include "data/hdf5/write.h"
#include "preview/decoded.h"
#include "preview/palette.h"
#include "preview/preview_files.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

// Writes 16 x 20 x 24 voxels, grey 100 and, from the middle of w on, 200, with a block of label 1
// in one half and one of label 3 in the other.
void write_volume(const std::filesystem::path& path) {
  std::vector<std::uint8_t> raw, label;
  for (int d = 0; d < 16; ++d)
    for (int h = 0; h < 20; ++h)
      for (int w = 0; w < 24; ++w) {
        const bool is_inside = d > 3 && d < 12 && h > 4 && h < 15;
        const int block = w > 3 && w < 10 ? 1 : w > 13 && w < 20 ? 3 : 0;
        raw.push_back(w < 12 ? 100 : 200);
        label.push_back(static_cast<std::uint8_t>(is_inside ? block : 0));
      }
  hdf5::Writer writer(path);
  writer.write<std::uint8_t>("raw", Shape{16, 20, 24}, raw);
  writer.write<std::uint8_t>("label", Shape{16, 20, 24}, label);
  const std::vector<std::string> names{"none", "left", "", "right"};
  writer.set_attribute("label", "class_names", std::span<const std::string>(names));
  writer.close();
}

PreviewFiles files_of(const std::filesystem::path& path) {
  PreviewFiles files;
  files.file = path;
  files.dataset = "raw";
  return files;
}

PreviewFiles labelled(const std::filesystem::path& path) {
  PreviewFiles files = files_of(path);
  files.labels = "label";
  return files;
}

PreviewStyle one_row(std::int64_t side, IntensityWindow window) {
  PreviewStyle style;
  style.slices = 1;
  style.tile_side = side;
  style.window = window;
  return style;
}

Picture drawn(const PreviewFiles& files, const PreviewStyle& style, const TempDir& dir) {
  write_preview(files, style, {dir / "picture.png", true}, [](double share) { CHECK(share <= 1); });
  return decoded(dir / "picture.png");
}

}  // namespace

TEST_CASE("a preview shows labels in their colours, over the volume and in the legend") {
  const TempDir dir;
  write_volume(dir / "a.h5");
  const PreviewStyle style = one_row(96, {0, 255});
  const Picture picture = drawn(labelled(dir / "a.h5"), style, dir);
  // The legend holds pure colours; over the volume they are mixed with its grey.
  CHECK(pixels_of(picture, class_colour(1)) == 16 * 16);
  CHECK(pixels_of(picture, class_colour(2)) == 0);
  CHECK(pixels_of(picture, class_colour(3)) == 16 * 16);
  CHECK(pixels_of(picture, mixed({100, 100, 100}, class_colour(1), 0.45)) > 500);
  CHECK(pixels_of(picture, mixed({200, 200, 200}, class_colour(3), 0.45)) > 500);
  CHECK(pixels_of(picture, mixed({200, 200, 200}, class_colour(3), 0.95)) > 100);
  CHECK(pixels_of(picture, {200, 200, 200}) > 1000);
  const Picture plain = drawn(files_of(dir / "a.h5"), style, dir);
  CHECK(pixels_of(plain, class_colour(1)) == 0);
  CHECK(plain.width() < picture.width());
}

TEST_CASE("equal previews are equal files") {
  const TempDir dir;
  write_volume(dir / "a.h5");
  for (const char* name : {"a.png", "b.png"})
    write_preview(labelled(dir / "a.h5"), {}, {dir / name, true}, [](double) {});
  CHECK(read_text(dir / "a.png") == read_text(dir / "b.png"));
}

TEST_CASE("names in the legend make room for themselves") {
  const TempDir dir;
  write_volume(dir / "a.h5");
  PreviewFiles files = labelled(dir / "a.h5");
  const PreviewStyle style = one_row(200, {0, 255});
  const std::int64_t stored = drawn(files, style, dir).width();
  files.class_names = {"", "a name of the user", "", "b"};
  CHECK(drawn(files, style, dir).width() > stored);
}

TEST_CASE("a preview draws voxels in their proportions") {
  const TempDir dir;
  write_volume(dir / "a.h5");
  const hdf5::File file(dir / "a.h5");
  const SlicedVolume volume(file.open("raw"), {}, "");
  PreviewSubject subject;
  subject.volume = &volume;
  const PreviewStyle style = one_row(240, {0, 200});
  const auto height_with = [&](const std::array<double, 3>& voxel) {
    subject.geometry = plain_geometry(voxel);
    return draw_preview(subject, style, [](double) {}).height();
  };
  const std::int64_t cubes = height_with({1, 1, 1});  // the tallest tile: h, 200 of 240 pixels
  CHECK(height_with({3, 1, 1}) == cubes + 40);        // d spans 48 mm: 240 pixels
  CHECK(height_with({1, 1, 2}) == cubes - 100);       // w spans 48 mm: h is 100 pixels
}

TEST_CASE("axes are turned around when asked") {
  const TempDir dir;
  write_volume(dir / "a.h5");
  PreviewStyle style = one_row(240, {150, 151});
  const Picture picture = drawn(files_of(dir / "a.h5"), style, dir);
  style.flipped = "w";
  const Picture flipped = drawn(files_of(dir / "a.h5"), style, dir);
  const std::int64_t y = 100;  // in the first tile, away from text
  CHECK(picture.at(18 + 60, y) == Colour{0, 0, 0});
  CHECK(picture.at(18 + 180, y) == Colour{255, 255, 255});
  CHECK(flipped.at(18 + 60, y) == Colour{255, 255, 255});
  CHECK(flipped.at(18 + 180, y) == Colour{0, 0, 0});
}

TEST_CASE("labels of another size than the volume are refused") {
  const TempDir dir;
  write_volume(dir / "a.h5");
  store(dir / "b.h5", "label", {{2, 2, 2}, {}});
  PreviewFiles files = labelled(dir / "a.h5");
  files.labels_file = dir / "b.h5";
  const auto error = [&] {
    return from_inside(dir.path(), error_of([&] {
                         write_preview(files, {}, {dir / "a.png", true}, [](double) {});
                       }));
  };
  CHECK(error() == "3: b.h5: /label: expected 16x20x24 voxels as in a.h5: /raw, found 2x2x2");
  CHECK(!std::filesystem::exists(dir / "a.png"));
  files = labelled(dir / "a.h5");
  files.place.sample = 1;
  CHECK(error() == "2: a.h5: /label: sample: expected 0 to 0, found 1");
  files = files_of(dir / "a.h5");
  files.place.channel = 2;
  CHECK(error() == "2: a.h5: /raw: channel: expected 0 to 0, found 2");
}
