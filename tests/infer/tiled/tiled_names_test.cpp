#include <doctest/doctest.h>

#include "data/hdf5/h5_files.h"
#include "infer/tiled/segmenter.h"
#include "support/approx.h"

namespace lucid {

using test::approx;
using test::Segmenter;

TEST_CASE("one volume is /predictions, of several each has its name and its size") {
  Segmenter f;
  f.add_volume("one.h5", {20, 16, 18});
  const InferResult one = f.run();
  CHECK(one.predictions == Shape{1, 3, 20, 16, 18});
  CHECK(one.windows == 4);
  CHECK(one.windows_computed == 4);
  CHECK(one.window == Triple{16, 16, 16});
  const auto alone = hdf5::File(f.options.output).open("predictions").read<float>();
  f.add_volume("other.h5", {1, 1, 9, 30, 16});
  const InferResult both = f.run();
  CHECK(both.volumes ==
        std::vector<std::pair<std::string, Shape>>{{"predictions/one", {1, 3, 20, 16, 18}},
                                                   {"predictions/other", {1, 3, 9, 30, 16}}});
  CHECK(hdf5::File(f.options.output).open("predictions/one").read<float>() == alone);
}

TEST_CASE("volumes of one file are named by what the star stands for, of several by both") {
  Segmenter f;
  for (const char* file : {"a.h5", "b.h5"}) {
    for (const char* dataset : {"x/raw", "y/raw"})
      test::store(f.experiment / file, dataset, {.extents = {16, 18, 16}, .values = {}});
    f.options.inputs.push_back((f.experiment / file).string());
  }
  f.options.dataset = "*/raw";
  f.run();
  CHECK(hdf5::File(f.options.output).datasets() ==
        std::vector<std::string>{"predictions/a/x", "predictions/a/y", "predictions/b/x",
                                 "predictions/b/y"});
  f.options.inputs.pop_back();
  f.run();
  CHECK(hdf5::File(f.options.output).datasets() ==
        std::vector<std::string>{"predictions/x", "predictions/y"});
  f.options.dataset = "x/raw";
  f.options.inputs = {(f.experiment / "a.h5").string(), (f.experiment / "./a.h5").string()};
  CHECK(f.error() ==
        "2: ./a.h5: /x/raw: expected names that differ, found another 'predictions/a'; predict it "
        "into a file of its own");
}

TEST_CASE("samples of one dataset stay one dataset, in any order of axes") {
  Segmenter f;
  const auto voxels = f.add_volume("a.h5", {2, 1, 18, 16, 16});
  const auto expected = f.predictions();
  const std::vector<std::uint8_t> second(voxels.begin() + 18 * 256, voxels.end());
  const auto whole = f.of_whole(second, {18, 16, 16});
  f.options.tiles.emplace();
  f.options.tiles->patch = {18, 16, 16};
  f.options.tiles->overlap = 0.5;
  const auto in_one = f.predictions();
  CHECK(std::vector<float>(in_one.end() - std::ssize(whole), in_one.end()) ==
        approx(whole).within(0, 1e-6));
  std::vector<std::uint8_t> other_order;  // (W, H, D, N)
  for (std::size_t x = 0; x < 16; ++x)
    for (std::size_t y = 0; y < 16; ++y)
      for (std::size_t z = 0; z < 18; ++z)
        for (std::size_t n = 0; n < 2; ++n)
          other_order.push_back(voxels[((n * 18 + z) * 16 + y) * 16 + x]);
  hdf5::Writer writer(f.experiment / "b.h5");
  writer.write<std::uint8_t>("volumes", {16, 16, 18, 2}, other_order);
  writer.close();
  f.options.inputs = {(f.experiment / "b.h5").string()};
  f.options.axes = "whdn";
  f.options.tiles.reset();
  CHECK(f.predictions() == expected);
}

}  // namespace lucid
