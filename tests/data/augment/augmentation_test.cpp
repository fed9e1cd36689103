#include "data/augment/augmentation.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "data/augment/augmented.h"
#include "data/augment/voxel_set.h"
#include "data/loader/loader.h"
#include "data/loader/sample_reader.h"
#include "data/volumes/centre_crop.h"

namespace lucid {
namespace {

using test::augmentation;
using test::kAll;
using test::VoxelSet;

struct Read {
  std::vector<float> sample, target;
  friend bool operator==(const Read&, const Read&) = default;
};

Read read(const Dataset& set, const std::string& list, std::int64_t epoch = 0,
          std::size_t index = 0, std::uint64_t seed = 1) {
  const Augmentation made = augmentation(list);
  const SampleReader reader(set, {}, {.seed = seed, .augmentation = &made});
  Read result{std::vector<float>(reader.sample_shape().count()),
              std::vector<float>(reader.target_count())};
  AugmentedSample scratch;
  reader.read(epoch, index, scratch, result.sample, result.target);
  return result;
}

// Returns all samples of an epoch by index.
std::vector<Read> walk(const Dataset& set, const Augmentation& made, const LoaderOptions& options,
                       std::size_t first_batch = 0) {
  LoaderOptions with = options;
  with.seed = 3;
  with.augmentation = &made;
  Loader loader(set, with, {.mean = {1}, .std = {2}});
  std::vector<Read> result(set.size());
  loader.start(5, first_batch);
  while (const Batch* batch = loader.next()) {
    const std::size_t voxels = batch->samples.size() / batch->size;
    const std::size_t targets = batch->targets.size() / batch->size;
    for (std::size_t i = 0; i < batch->size; ++i) {
      const auto part = [i](const std::vector<float>& all, std::size_t count) {
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(i * count);
        return std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(count));
      };
      result[batch->indices[i]] = {part(batch->samples, voxels), part(batch->targets, targets)};
    }
  }
  return result;
}

}  // namespace

TEST_CASE("samples do not depend on batches, prefetch or workers, and epochs resume") {
  const VoxelSet set({1, 6, 6, 8}, {6, 6, 8}, TargetType::kIntegers);
  const Augmentation made = augmentation(kAll);
  const std::vector<Read> wanted = walk(set, made, {.batch_size = 1, .prefetch = 0});
  for (const std::size_t batch_size : {1U, 2U, 3U, 7U})
    for (const std::size_t prefetch : {0U, 1U, 3U})
      for (const std::size_t workers : {0U, 1U, 4U}) {
        CAPTURE(batch_size);
        CAPTURE(workers);
        CHECK(walk(set, made,
                   {.batch_size = batch_size, .prefetch = prefetch, .workers = workers}) == wanted);
      }
  const std::vector<Read> rest = walk(set, made, {.batch_size = 2, .workers = 2}, 2);
  CHECK(std::ranges::count(rest, Read{}) == 4);
  for (std::size_t i = 0; i < rest.size(); ++i)
    if (!rest[i].sample.empty()) CHECK(rest[i] == wanted[i]);
}

TEST_CASE("another epoch, sample or seed is augmented in another way") {
  VoxelSet set({1, 6, 6, 8}, {6, 6, 8}, TargetType::kIntegers, 2);
  set.samples[1] = set.samples[0];
  const Read first = read(set, kAll);
  CHECK(read(set, kAll) == first);
  CHECK_FALSE(read(set, kAll, 1) == first);
  CHECK_FALSE(read(set, kAll, 0, 1) == first);
  CHECK_FALSE(read(set, kAll, 0, 0, 2) == first);
}

TEST_CASE("every transform is applied with probability p") {
  const VoxelSet set({1, 6, 6, 6}, {}, TargetType::kFloats, 1);
  const Read as_stored = read(set, "[]");
  for (const std::string transform :
       {R"("RandomAffine")", R"("RandomElasticDeformation", "max_displacement": 0.4)",
        R"("RandomNoise")", R"("RandomBlur", "std": [1, 2])", R"("RandomBrightnessContrast")",
        R"("RandomGamma")", R"("RandomCutout", "size": 2)"}) {
    CAPTURE(transform);
    for (const auto& [p, low, high] : {std::tuple{"0", 0, 0}, {"0.25", 8, 44}, {"1", 100, 100}}) {
      int changed = 0;
      for (std::int64_t epoch = 0; epoch < 100; ++epoch)
        changed +=
            !(read(set, R"([{"type": )" + transform + R"(, "p": )" + p + "}]", epoch) == as_stored);
      CHECK(changed >= low);
      CHECK(changed <= high);
    }
  }
}

TEST_CASE("classes stay classes, values are interpolated, other targets stay as they are") {
  const std::string list = R"([{"type": "RandomAffine", "degrees": [30, 30, 0, 0, 0, 0]}])";
  const auto is_whole = [](float x) { return x == std::floor(x); };
  const Read classes = read(VoxelSet({1, 6, 6, 6}, {6, 6, 6}, TargetType::kIntegers), list);
  CHECK(std::ranges::all_of(classes.target, is_whole));
  const Read channels = read(VoxelSet({1, 6, 6, 6}, {2, 6, 6, 6}, TargetType::kIntegers), list);
  CHECK(std::ranges::all_of(channels.target, is_whole));
  const Read values = read(VoxelSet({1, 6, 6, 6}, {1, 6, 6, 6}, TargetType::kFloats), list);
  CHECK(values.target == values.sample);
  const VoxelSet set({1, 6, 6, 6}, {3}, TargetType::kFloats);
  CHECK(read(set, list).target == read(set, "[]").target);
  CHECK_FALSE(read(set, list).sample == read(set, "[]").sample);
}

TEST_CASE("a set cropped around its middle keeps volume and labels together") {
  auto stored = std::make_unique<VoxelSet>(Shape{2, 4, 5, 6}, Shape{4, 5, 6}, TargetType::kFloats);
  for (auto& sample : stored->samples) std::iota(sample.begin(), sample.end(), 0.F);
  const auto set = centre_cropped(std::move(stored), {2, 3, 1});
  CHECK(set->size() == 7);
  CHECK(set->sample_shape() == Shape{2, 2, 3, 1});
  CHECK(set->target_shape() == Shape{2, 3, 1});
  CHECK(set->target_type() == TargetType::kFloats);
  std::vector<float> sample(12), target(6);
  set->read_sample(1, sample);
  set->read_target(1, target);
  CHECK(target == std::vector<float>{38, 44, 50, 68, 74, 80});
  CHECK(sample == std::vector<float>{38, 44, 50, 68, 74, 80, 158, 164, 170, 188, 194, 200});
  auto classes = std::make_unique<VoxelSet>(Shape{1, 4, 5, 6}, Shape{}, TargetType::kIntegers);
  CHECK(centre_cropped(std::move(classes), {2, 3, 1})->target_shape() == Shape{});
}

}  // namespace lucid
