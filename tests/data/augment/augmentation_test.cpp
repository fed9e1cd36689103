#include "data/augment/augmentation.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "data/augment/augmented.h"
#include "data/loader/loader.h"
#include "data/loader/sample_reader.h"
#include "data/volumes/centre_crop.h"
#include "data/volumes/memory_set.h"

namespace lucid {
namespace {

using test::augmentation;

// Random volumes with labels of a shape.
struct VoxelSet : test::MemorySet {
  Shape target;
  TargetType type;

  VoxelSet(const Shape& sample, const Shape& target_shape, TargetType target_type,
           std::size_t count = 7)
      : target(target_shape), type(target_type) {
    shape = sample;
    Rng rng(1, "set");
    for (std::size_t i = 0; i < count; ++i) {
      samples.emplace_back(sample.count());
      for (float& x : samples.back()) x = rng.uniform(0, 4);
    }
  }
  Shape target_shape() const override { return target; }
  TargetType target_type() const override { return type; }
  void read_target(std::size_t index, std::span<float> values) const override {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float x = samples[index][i % samples[index].size()];
      values[i] = type == TargetType::kIntegers ? std::floor(x) : x;
    }
  }
};

std::string errors(const std::string& list) {
  return test::error_of([&] { augmentation(list); });
}

// What checking against a set of this shape reports.
std::string misfits(const std::string& list, const Shape& sample, const Shape& target = {}) {
  return test::error_of([&] {
    ConfigErrors errors("a.json");
    augmentation(list).check(VoxelSet(sample, target, TargetType::kIntegers, 1), errors);
    errors.throw_if_any();
  });
}

struct Read {
  std::vector<float> sample, target;
  friend bool operator==(const Read&, const Read&) = default;
};

Read read(const Dataset& set, const std::string& list, std::int64_t epoch = 0,
          std::size_t index = 0, std::uint64_t seed = 1) {
  const Augmentation made = augmentation(list);
  const SampleReader reader(set, {}, &made, seed);
  Read result{std::vector<float>(reader.sample_shape().count()),
              std::vector<float>(reader.target_count())};
  AugmentedSample scratch;
  reader.read(epoch, index, scratch, result.sample, result.target);
  return result;
}

// Everything an epoch hands out, by sample.
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

const std::string kAll = R"([
  {"type": "RandomAffine", "degrees": 20, "fill": -1},
  {"type": "RandomElasticDeformation", "max_displacement": 0.5, "num_control_points": 5, "p": 0.7},
  {"type": "RandomCrop", "size": [5, 5, 6]}, {"type": "RandomFlip"},
  {"type": "RandomRotate90", "planes": "dh", "p": 0.5}, {"type": "RandomNoise", "p": 0.5},
  {"type": "RandomBlur", "p": 0.5}, {"type": "RandomBrightnessContrast"},
  {"type": "RandomGamma", "p": 0.5}, {"type": "RandomCutout", "size": 2, "p": 0.5}])";

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

TEST_CASE("every transform is left out as often as p says") {
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

TEST_CASE("mistakes in data.augmentation are all reported, with their places") {
  CHECK(errors("[]") == "");
  CHECK(errors("null") == "");
  CHECK(errors("3") ==
        "2: a.json: /data/augmentation: expected a list of objects, at least one, found 3");
  CHECK(errors(R"([{"type": "RandomFlipp"}])") ==
        "2: a.json: /data/augmentation/0/type: no transform 'RandomFlipp'; did you mean "
        "'RandomFlip'? "
        "known: RandomAffine, RandomBlur, RandomBrightnessContrast, RandomCrop, RandomCutout, "
        "RandomElasticDeformation, RandomFlip, RandomGamma, RandomNoise, RandomRotate90");
  CHECK(errors(R"([{"type": "RandomFlip", "axes": "dd", "p": 2}, {"type": "RandomCrop"}])") ==
        "2: a.json: /data/augmentation/0/axes: expected different letters of d, h, w, found 'dd'\n"
        "a.json: /data/augmentation/0/p: expected a number >= 0 and <= 1, found 2\n"
        "a.json: /data/augmentation/1: expected the key 'size' (an integer from 1 to 16777216 or "
        "[d, h, w] of them), found none");
  CHECK(
      errors(R"([{"type": "RandomRotate90", "planes": ["hw", "h"]}])") ==
      "2: a.json: /data/augmentation/0/planes: expected two different letters of d, h, w for each "
      "plane, found 'h'");
  CHECK(
      errors(R"([{"type": "RandomAffine", "degrees": [1, 2, 3, 4], "scales": [2, 1],
                      "shear": 0.5, "fill": "edge"}])") ==
      "2: a.json: /data/augmentation/0/scales: expected a number >= 0, [low, high], or three or "
      "six "
      "numbers for d, h, w, the ranges within 0.1 .. 10, found [2,1]\n"
      "a.json: /data/augmentation/0/degrees: expected a number >= 0, [low, high], or three or six "
      "numbers for d, h, w, the ranges within -180 .. 180, found [1,2,3,4]\n"
      "a.json: /data/augmentation/0/shear: expected a number >= 0 or [low, high], the range within "
      "-0.45 .. 0.45, found 0.5\n"
      "a.json: /data/augmentation/0/fill: expected a number or 'border', found 'edge'");
  CHECK(
      errors(R"([{"type": "RandomElasticDeformation", "num_control_points": 3},
                     {"type": "RandomElasticDeformation", "max_displacement": [1, 2]}])") ==
      "2: a.json: /data/augmentation/0/num_control_points: expected an integer from 4 to 64 or [d, "
      "h, w] "
      "of them, found 3\n"
      "a.json: /data/augmentation/0: expected the key 'max_displacement' (a number >= 0), found "
      "none\n"
      "a.json: /data/augmentation/1/max_displacement: expected a number >= 0 or [d, h, w] of them, "
      "found [1,2]");
  CHECK(errors(R"([{"type": "RandomNoise", "std": -1, "sd": 1}])") ==
        "2: a.json: /data/augmentation/0/std: expected a number >= 0 or [low, high], the range "
        "within 0 "
        ".. 1e+06, found -1\n"
        "a.json: /data/augmentation/0/sd: unknown key; did you mean 'std'?");
  CHECK(errors(R"([{"type": "RandomCutout", "size": 3, "max_size": 2, "holes": 2}])") ==
        "2: a.json: /data/augmentation/0/max_size: expected no less than size, found 2 below 3");
}

TEST_CASE("transforms that do not fit the volumes are refused before training") {
  const Shape sample{1, 8, 8, 10};
  CHECK(misfits(kAll, sample) == "");
  CHECK(
      misfits(R"([{"type": "RandomRotate90", "planes": ["dh", "hw"]}])", sample) ==
      "2: a.json: /data/augmentation/0/planes: expected planes whose axes are of equal size, found "
      "'hw' of a volume of 8x8x10; leave it out or crop first");
  CHECK(
      misfits(R"([{"type": "RandomCrop", "size": 8}, {"type": "RandomRotate90", "planes": "hw"}])",
              sample) == "");
  CHECK(
      misfits(R"([{"type": "RandomCrop", "size": [8, 9, 10]}])", sample) ==
      "2: a.json: /data/augmentation/0/size: expected at most the volume's 8x8x10, found 8x9x10; a "
      "larger padding makes room");
  CHECK(misfits(R"([{"type": "RandomCrop", "size": [8, 9, 10], "padding": [0, 1, 0]}])", sample) ==
        "");
  CHECK(
      misfits(R"([{"type": "RandomCrop", "size": 4},
                    {"type": "RandomCutout", "size": 2, "max_size": [4, 4, 5]},
                    {"type": "RandomElasticDeformation", "max_displacement": [0.3, 0.3, 0.4]}])",
              sample) ==
      "2: a.json: /data/augmentation/1/max_size: expected at most the volume's 4x4x4, found 4x4x5\n"
      "a.json: /data/augmentation/2/max_displacement: expected at most 0.3 voxels along w, 0.4 of "
      "the "
      "distance of the control points, found 0.4; more would fold the volume; lower "
      "num_control_points or this");
  CHECK(misfits(R"([{"type": "RandomFlip"}])", sample, {4, 4, 5}) ==
        "2: a.json: /data/augmentation: expected targets of the volume's size where voxels move, "
        "8x8x10, "
        "found 4x4x5 in a.h5: /y, sample 0");
  CHECK(misfits(R"([{"type": "RandomNoise"}])", sample, {4, 4, 5}) == "");
}

}  // namespace lucid
