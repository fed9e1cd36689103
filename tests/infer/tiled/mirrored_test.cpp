#include <doctest/doctest.h>

#include "infer/tiled/segmenter.h"

namespace lucid {
namespace {

// Returns the notes of `--tta flips` for a network that was trained with this augmentation.
std::string notes_of_flips(const std::string& augmentation) {
  test::Segmenter f;
  f.augmentation = parse_json(augmentation, "test");
  f.train("flipped");
  f.add_volume("a.h5", {16, 16, 16});
  f.options.tiles.emplace();
  f.options.tiles->flips = true;
  f.run();
  const std::string file = f.options.checkpoints.front().string();
  if (const auto at = f.notes.find(file); at != std::string::npos)
    f.notes.replace(at, file.size(), "last.h5");
  return f.notes;
}

}  // namespace

TEST_CASE("flips of axes that the network never saw mirrored are told once, with these axes") {
  CHECK(notes_of_flips(R"([{"type": "RandomFlip"}])") == "");
  CHECK(notes_of_flips(R"([{"type": "RandomFlip", "axes": "d"}, {"type": "RandomNoise"},
                           {"type": "RandomFlip", "axes": "wh"}])") == "");
  const std::string begin =
      "warning: last.h5: --tta flips expects a network that was trained on mirror images along d, "
      "h, w, found RandomFlip along ";
  const std::string advice =
      "; predictions may be much worse: leave --tta out, or train with RandomFlip along ";
  CHECK(notes_of_flips(R"([{"type": "RandomFlip", "axes": "hw"}])") ==
        begin + "h, w" + advice + "d\n");
  CHECK(notes_of_flips(R"([{"type": "RandomFlip", "p": 0}, {"type": "RandomRotate90"}])") ==
        begin + "none" + advice + "d, h, w\n");
}

}  // namespace lucid
