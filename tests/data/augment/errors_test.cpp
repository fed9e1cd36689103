#include <doctest/doctest.h>

#include "data/augment/augmentation.h"
#include "data/augment/augmented.h"
#include "data/augment/voxel_set.h"

namespace lucid {
namespace {

using test::augmentation;

std::string config_error(const std::string& list) {
  return test::error_of([&] { augmentation(list); });
}

// Returns the report of checking transforms against a set of this shape.
std::string shape_error(const std::string& list, const Shape& sample, const Shape& target = {}) {
  return test::error_of([&] {
    ConfigErrors errors("a.json");
    augmentation(list).check(test::VoxelSet(sample, target, TargetType::kIntegers, 1), errors);
    errors.throw_if_any();
  });
}

}  // namespace

TEST_CASE("errors in data.augmentation are all reported, with their places") {
  CHECK(config_error("[]") == "");
  CHECK(config_error("null") == "");
  CHECK(config_error("3") ==
        "2: a.json: /data/augmentation: expected a list of objects, at least one, found 3");
  CHECK(config_error(R"([{"type": "RandomFlipp"}])") ==
        "2: a.json: /data/augmentation/0/type: no transform 'RandomFlipp'; did you mean "
        "'RandomFlip'? "
        "known: RandomAffine, RandomBlur, RandomBrightness, RandomBrightnessContrast, RandomCrop, "
        "RandomCutout, RandomElasticDeformation, RandomFlip, RandomGamma, RandomLowResolution, "
        "RandomNoise, RandomRotate90");
  CHECK(config_error(R"([{"type": "RandomFlip", "axes": "dd", "p": 2}, {"type": "RandomCrop"}])") ==
        "2: a.json: /data/augmentation/0/axes: expected different letters of d, h, w, found 'dd'\n"
        "a.json: /data/augmentation/0/p: expected a number >= 0 and <= 1, found 2\n"
        "a.json: /data/augmentation/1: expected the key 'size' (an integer from 1 to 16777216 or "
        "[d, h, w] of them), found none");
  CHECK(
      config_error(R"([{"type": "RandomRotate90", "planes": ["hw", "h"]}])") ==
      "2: a.json: /data/augmentation/0/planes: expected two different letters of d, h, w for each "
      "plane, found 'h'");
}

TEST_CASE("errors in the keys of warps, noise and cutouts are all reported") {
  CHECK(
      config_error(R"([{"type": "RandomAffine", "degrees": [1, 2, 3, 4], "scales": [2, 1],
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
      config_error(R"([{"type": "RandomElasticDeformation", "num_control_points": 3},
                     {"type": "RandomElasticDeformation", "max_displacement": [1, 2]}])") ==
      "2: a.json: /data/augmentation/0/num_control_points: expected an integer from 4 to 64 or [d, "
      "h, w] "
      "of them, found 3\n"
      "a.json: /data/augmentation/0: expected the key 'max_displacement' (a number >= 0), found "
      "none\n"
      "a.json: /data/augmentation/1/max_displacement: expected a number >= 0 or [d, h, w] of them, "
      "found [1,2]");
  CHECK(config_error(R"([{"type": "RandomNoise", "std": -1, "sd": 1}])") ==
        "2: a.json: /data/augmentation/0/std: expected a number >= 0 or [low, high], the range "
        "within 0 "
        ".. 1e+06, found -1\n"
        "a.json: /data/augmentation/0/sd: unknown key; did you mean 'std'?");
  CHECK(config_error(R"([{"type": "RandomCutout", "size": 3, "max_size": 2, "holes": 2}])") ==
        "2: a.json: /data/augmentation/0/max_size: expected no less than size, found 2 below 3");
}

TEST_CASE("errors in planes, axes and probabilities of channels are reported") {
  CHECK(config_error(R"([{"type": "RandomAffine", "planes": "hh"}])") ==
        "2: a.json: /data/augmentation/0/planes: expected two different letters of d, h, w, found "
        "'hh'");
  CHECK(config_error(R"([{"type": "RandomLowResolution", "axes": "x", "zoom": [0.5, 2]}])") ==
        "2: a.json: /data/augmentation/0/zoom: expected a number >= 0 or [low, high], the range "
        "within 0.01 .. 1, found [0.5,2]\n"
        "a.json: /data/augmentation/0/axes: expected different letters of d, h, w, found 'x'");
  for (const char* type : {"RandomBlur", "RandomBrightness", "RandomBrightnessContrast",
                           "RandomGamma", "RandomLowResolution", "RandomNoise"})
    CHECK(
        config_error(std::string(R"([{"type": ")") + type + R"(", "p_per_channel": 2}])") ==
        "2: a.json: /data/augmentation/0/p_per_channel: expected a number >= 0 and <= 1, found 2");
}

TEST_CASE("transforms that do not fit the volumes are refused before training") {
  const Shape sample{1, 8, 8, 10};
  CHECK(shape_error(test::kAll, sample) == "");
  CHECK(
      shape_error(R"([{"type": "RandomRotate90", "planes": ["dh", "hw"]}])", sample) ==
      "2: a.json: /data/augmentation/0/planes: expected planes whose axes are of equal size, found "
      "'hw' of a volume of 8x8x10; leave it out or crop first");
  CHECK(shape_error(
            R"([{"type": "RandomCrop", "size": 8}, {"type": "RandomRotate90", "planes": "hw"}])",
            sample) == "");
  CHECK(
      shape_error(R"([{"type": "RandomCrop", "size": [8, 9, 10]}])", sample) ==
      "2: a.json: /data/augmentation/0/size: expected at most the volume's 8x8x10, found 8x9x10; a "
      "larger padding makes room");
  CHECK(shape_error(R"([{"type": "RandomCrop", "size": [8, 9, 10], "padding": [0, 1, 0]}])",
                    sample) == "");
  CHECK(
      shape_error(R"([{"type": "RandomCrop", "size": 4},
                    {"type": "RandomCutout", "size": 2, "max_size": [4, 4, 5]},
                    {"type": "RandomElasticDeformation", "max_displacement": [0.3, 0.3, 0.4]}])",
                  sample) ==
      "2: a.json: /data/augmentation/1/max_size: expected at most the volume's 4x4x4, found 4x4x5\n"
      "a.json: /data/augmentation/2/max_displacement: expected at most 0.3 voxels along w, 0.4 of "
      "the "
      "distance of the control points, found 0.4; more would fold the volume; lower "
      "num_control_points or this");
  CHECK(shape_error(R"([{"type": "RandomFlip"}])", sample, {4, 4, 5}) ==
        "2: a.json: /data/augmentation: expected targets of the volume's size where voxels move, "
        "8x8x10, "
        "found 4x4x5 in a.h5: /y, sample 0");
  CHECK(shape_error(R"([{"type": "RandomNoise"}])", sample, {4, 4, 5}) == "");
}

}  // namespace lucid
