#include <doctest/doctest.h>

#include "infer/tiled/members.h"
#include "support/approx.h"

// The mean over mirror images of windows, along the axes that training mirrored or others.
namespace lucid {
namespace {

using test::approx;

// Networks for volumes of 16 voxels along each axis, which one window covers.
struct Mirrored : test::Members {
  // Training mirrors along these letters, one transform for each.
  void train_on(const std::string& letters) {
    augmentation = {{{"type", "RandomNoise"}}};
    for (const char axis : letters)
      augmentation.push_back({{"type", "RandomFlip"}, {"axes", std::string(1, axis)}});
    train("on_" + letters);
  }
  void add() { voxels = add_volume("a.h5", {16, 16, 16}); }
  void flip(const std::string& tta) { read_tta(tta, options.tiles.emplace()); }

  // Returns the mean of the predictions of the mirrored volumes, mirrored back.
  std::vector<double> mean_of_images(const std::string& letters) const {
    std::vector<std::size_t> images{0};  // as bits of a voxel's place that are inverted
    for (const char axis : letters) {
      const std::size_t bits = std::size_t{15} << (axis == 'd' ? 8 : axis == 'h' ? 4 : 0);
      for (std::size_t i = 0, count = images.size(); i < count; ++i)
        images.push_back(images[i] ^ bits);
    }
    std::vector<double> mean(3 * voxels.size());
    for (const std::size_t inverted : images) {
      std::vector<std::uint8_t> image(voxels.size());
      for (std::size_t i = 0; i < voxels.size(); ++i) image[i] = voxels[i ^ inverted];
      const std::vector<float> predicted = of_whole(image, {16, 16, 16});
      for (std::size_t i = 0; i < mean.size(); ++i)
        mean[i ^ inverted] += predicted[i] / static_cast<double>(images.size());
    }
    return mean;
  }

  // The notes, with last.h5 as the name of the first checkpoint.
  std::string told() const {
    std::string text = notes;
    const std::string file = options.checkpoints.front().string();
    if (const auto at = text.find(file); at != std::string::npos)
      text.replace(at, file.size(), "last.h5");
    return text;
  }
  // Returns what is told of these mirror images, for a network that was trained on those.
  static std::string told(const std::string& tta, const std::string& letters) {
    Mirrored f;
    f.train_on(letters);
    f.add();
    f.flip(tta);
    f.run();
    return f.told();
  }

  std::vector<std::uint8_t> voxels;
};

const std::string kNothing =
    "warning: last.h5: --tta flips expects a network that was trained on mirror images, found "
    "RandomFlip along none: nothing is mirrored; name axes, as in --tta w, to mirror anyhow\n";

}  // namespace

TEST_CASE("flips are the mean over the mirror images along the axes that training mirrored") {
  Mirrored f;
  f.add();
  for (const std::string letters : {"d", "h", "w", "dh", "wd", "hw", "dhw"}) {
    CAPTURE(letters);
    f.train_on(letters);
    const std::vector<double> expected = f.mean_of_images(letters);
    f.flip("flips");
    const std::vector<float> flipped = f.predictions();
    CHECK(flipped == approx(expected).within(0, 1e-5));
    f.flip(letters);
    CHECK(f.predictions() == flipped);
    f.options.batch_size = 3;  // images of one window come in several batches
    CHECK(f.predictions() == approx(expected).within(0, 1e-5));
    f.options.batch_size.reset();
    CHECK(f.notes == "");
  }
}

TEST_CASE("axes that are named are mirrored whatever training did") {
  Mirrored f;
  f.train_on("h");
  f.add();
  f.flip("wd");
  CHECK(f.predictions() == approx(f.mean_of_images("dw")).within(0, 1e-5));
  f.flip("none");
  CHECK(f.predictions() == approx(f.mean_of_images("")).within(0, 1e-5));
}

TEST_CASE("flips of several networks are along the axes that all of them were mirrored along") {
  Mirrored f;
  f.train_on("dh");
  f.checkpoints = f.options.checkpoints;
  f.train_on("hw");
  f.checkpoints.push_back(f.options.checkpoints.front());
  f.options.checkpoints = f.checkpoints;
  f.add();
  f.flip("h");
  const std::vector<double> expected = f.mean_of(Activation::kSoftmax);
  f.flip("flips");
  CHECK(f.of_all(Activation::kSoftmax) == approx(expected).within(0, 2e-6));
  CHECK(f.notes == "");
  f.train_on("d");
  f.options.checkpoints.push_back(f.checkpoints.back());
  f.run();
  CHECK(f.told().starts_with("warning: last.h5 and 1 others: --tta flips expects a network that "));
}

TEST_CASE("flips where training mirrored along no axis change nothing, which is told once") {
  Mirrored f;
  f.augmentation =
      parse_json(R"([{"type": "RandomFlip", "p": 0}, {"type": "RandomRotate90"}])", "augmentation");
  f.train("rotated");
  f.add();
  const std::vector<float> plain = f.predictions();
  f.flip("flips");
  CHECK(f.predictions() == plain);
  CHECK(f.told() == kNothing);
  f.options.tiles->patch = {16, 12, 10};
  const std::vector<float> flipped = f.predictions();
  f.options.tiles->flips_as_trained = false;
  CHECK(f.predictions() == flipped);
  CHECK_FALSE(flipped == plain);
}

TEST_CASE("named axes that the network never saw mirrored are told once") {
  CHECK(Mirrored::told("dhw", "dwh") == "");
  CHECK(Mirrored::told("w", "dw") == "");
  const std::string begin =
                        "warning: last.h5: --tta dhw expects a network that was trained on mirror "
                        "images along d, h, w, found RandomFlip along ",
                    advice =
                        "; predictions may be much worse: leave --tta out, or train with "
                        "RandomFlip along ";
  CHECK(Mirrored::told("dhw", "hw") == begin + "h, w" + advice + "d\n");
  CHECK(Mirrored::told("dhw", "") == begin + "none" + advice + "d, h, w\n");
  CHECK(Mirrored::told("wd", "d") ==
        "warning: last.h5: --tta dw expects a network that was trained on mirror images along d, "
        "w, found RandomFlip along d" +
            advice + "w\n");
}

}  // namespace lucid
