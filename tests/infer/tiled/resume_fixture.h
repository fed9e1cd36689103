#pragma once

#include <algorithm>

#include "infer/tiled/segmenter.h"

namespace lucid::test {

// Two volumes whose windows take 7 depths of 3, then 2 of 1; the file that a run writes of them.
struct ResumeFixture : Segmenter {
  ResumeFixture() {
    add_volume("a.h5", {40, 16, 24});
    add_volume("b.h5", {20, 16, 16});
    options.tiles = TileOptions{};
    options.tiles->overlap = 0.7;
    options.activation = Activation::kSoftmax;
    run();
    expected = read_text(options.output);
    std::filesystem::remove(options.output);
  }
  // Stops the run after this many windows; returns false if it ended before.
  bool stop_after(std::int64_t windows) {
    std::int64_t earlier = -1;
    const InferResult result = infer(options, [&](std::int64_t done, std::int64_t) {
      if (earlier < 0) earlier = done;
      return done - earlier < windows;
    });
    return result.was_stopped;
  }
  std::filesystem::path partial() const { return options.output.string() + ".partial"; }
  std::ptrdiff_t slabs() const {
    const std::filesystem::directory_iterator files(partial());
    return std::count_if(begin(files), end(files), [](const auto& file) {
      return file.path().filename().string().starts_with("slab-");
    });
  }

  std::string expected;
};

}  // namespace lucid::test
