#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "data/loader/loader.h"
#include "data/patch/patch_files.h"

namespace lucid::test {
namespace {

constexpr std::size_t kCentre = 13;  // of a patch of 3^3

// Two volumes of classes 1 and 2, each a plane far from the other one, of 26 patches.
struct TwoVolumes {
  TwoVolumes() {
    for (const char* name : {"one", "two"})
      store_volume(dir / "a.h5", name, {40, 30, 30}, [](auto d, auto, auto) {
        return d == 10 ? 1 : d == 30 ? 2 : 0;
      });
  }
  std::unique_ptr<PatchSet> open(const std::string& patch, std::size_t batch_size, bool shuffle) {
    return open_patches(
        dir, starred(),
        {.patch = patch_config(patch), .seed = 5, .batch_size = batch_size, .shuffle = shuffle});
  }

  PatchDir dir;
};

const char* const kPerBatch =
    R"({"size": 3, "per_volume": 13, "foreground": 0.33, "foreground_per": "batch"})";

}  // namespace

TEST_CASE("the last patches of each batch are around foreground, of every class alike") {
  TwoVolumes volumes;
  for (const bool shuffle : {true, false})
    for (const std::size_t batch_size : {std::size_t{2}, std::size_t{6}, std::size_t{100}}) {
      CAPTURE(shuffle);
      CAPTURE(batch_size);
      const auto set = volumes.open(kPerBatch, batch_size, shuffle);
      Loader loader(*set, {.batch_size = batch_size, .shuffle = shuffle, .seed = 5}, {});
      std::map<float, int> classes;
      int others = 0, by_chance = 0;
      for (std::int64_t epoch = 0; epoch < 20; ++epoch) {
        loader.start(epoch);
        while (const Batch* batch = loader.next()) {
          const auto wanted =
              static_cast<std::size_t>(std::round(0.33 * static_cast<double>(batch->size)));
          for (std::size_t i = 0; i < batch->size; ++i) {
            const float label = batch->targets[i * 27 + kCentre];
            if (i + wanted >= batch->size) {
              CHECK(label > 0);
              ++classes[label];
            } else {
              ++others;
              by_chance += label > 0 ? 1 : 0;
            }
          }
        }
      }
      CHECK(classes.size() == 2);
      const double all = classes[1] + classes[2];
      CHECK(std::abs(classes[1] / all - 0.5) < 0.2);
      CHECK(by_chance < others / 4);  // 2 of 38 planes
    }
}

TEST_CASE("a patch for batches is the same whenever and by whomever it is read") {
  TwoVolumes volumes;
  const auto set = volumes.open(kPerBatch, 4, true), again = volumes.open(kPerBatch, 4, true);
  const ReadPatch first = read_patch(*set, 3, 17);
  read_patch(*set, 4, 17);
  CHECK(read_patch(*set, 3, 17) == first);
  CHECK(read_patch(*again, 3, 17) == first);
}

TEST_CASE("where every patch is around foreground, epoch and batch are the same") {
  TwoVolumes volumes;
  const auto of_epoch = volumes.open(R"({"size": 3, "per_volume": 13, "foreground": 1})", 4, true);
  const auto of_batch = volumes.open(
      R"({"size": 3, "per_volume": 13, "foreground": 1, "foreground_per": "batch"})", 4, true);
  for (std::size_t i = 0; i < of_epoch->size(); ++i)
    CHECK(read_patch(*of_epoch, 1, i) == read_patch(*of_batch, 1, i));
}

}  // namespace lucid::test
