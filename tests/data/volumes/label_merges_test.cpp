#include "data/volumes/label_merges.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "data/loader/data_config.h"
#include "data/patch/patch_files.h"

namespace lucid::test {
namespace {

LabelMerges merges_of(const std::string& text) {
  return from_text(text, "/data", [](JsonObject& data) { return read_label_merges(data); });
}

// Objects 1, 2 and 300 beside a background of 0, as the voxels of planes.
Stored objects() {
  return {{4, 2, 2}, {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 300, 300, 300, 300}, H5T_STD_U16LE};
}

std::vector<float> target_of(const Dataset& set) {
  std::vector<float> target(set.target_shape().count());
  set.read_target(0, target);
  return target;
}

VolumesConfig merged_volumes() {
  VolumesConfig config{{"a.h5"}, "raw", "label", ""};
  config.merges.add("1-299", 1);
  config.merges.add("300", 2);
  return config;
}

const std::vector<float> kMerged{0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2};

}  // namespace

TEST_CASE("labels count as those that they are merged to, others stay") {
  const LabelMerges merges = merges_of(R"({"merge_labels": {"7": 2, "2-4,9": 1}})");
  std::vector<float> labels{0, 1, 2, 3, 4, 5, 7, 7, 9, 2, 10, -100};
  merges.merge(labels);
  CHECK(labels == std::vector<float>{0, 1, 1, 1, 1, 5, 2, 2, 1, 1, 10, -100});
  CHECK(merges.find(std::uint64_t{9}) == 1);
  CHECK(merges.find(~std::uint64_t{0}) == std::nullopt);
  CHECK(merges.find(std::int8_t{-1}) == std::nullopt);
  CHECK(merges.find(4.5) == std::nullopt);
  CHECK(merges.json() == Json{{"2-4", 1}, {"7", 2}, {"9", 1}});
  CHECK(merges_of("{}").empty());
  CHECK(merges_of(R"({"merge_labels": null})").empty());
}

TEST_CASE("background may be merged, too") {
  const LabelMerges merges = merges_of(R"({"merge_labels": {"0": 3}})");
  std::vector<float> labels{0, 1, 0};
  merges.merge(labels);
  CHECK(labels == std::vector<float>{3, 1, 3});
}

TEST_CASE("wrong merges are refused at their place") {
  const auto error = [](const std::string& text) { return error_of([&] { merges_of(text); }); };
  const std::string place = "2: a.json: /data/merge_labels";
  CHECK(error(R"({"merge_labels": {"4-2": 1}})") ==
        place + "/4-2: expected labels as '7', '2-54' or '1,5-9', found '4-2'");
  CHECK(error(R"({"merge_labels": {"-1": 1}})") ==
        place + "/-1: expected labels as '7', '2-54' or '1,5-9', found '-1'");
  CHECK(error(R"({"merge_labels": {"1-5": 1, "3": 2}})") ==
        place + "/3: expected a label once, found 3 beside 1-5");
  CHECK(error(R"({"merge_labels": {"1": "a"}})").starts_with(place + "/1: expected an integer"));
  CHECK(error(R"({"merge_labels": {"1": -1}})").starts_with(place + "/1: expected"));
  CHECK(error(R"({"merge_labels": [1]})").starts_with(place + ": expected an object"));
  LabelMerges merges;
  add_label_merge("--merge", "2-5:1", merges);
  CHECK(merges.json() == Json{{"2-5", 1}});
  for (const std::string text : {"2-5", "2:x", "2:1:1", "2:-1"})
    CHECK(error_of([&] { add_label_merge("--merge", text, merges); }) ==
          "2: --merge: expected labels and the one they become, as 2-54:1, found '" + text + "'");
  CHECK(error_of([&] { add_label_merge("--merge", "4:1", merges); }) ==
        "2: --merge: expected a label once, found 4 beside 2-5");
}

TEST_CASE("targets are read as what their labels are merged to") {
  PatchDir dir;
  store(dir / "a.h5", "label", objects());
  store(dir / "a.h5", "raw", {{4, 2, 2}, std::vector<double>(16, 1.0), H5T_IEEE_F32LE});
  const VolumesConfig config = merged_volumes();
  const ValueRule three{ValueRule::Kind::kClass, 3, {}}, two{ValueRule::Kind::kClass, 2, {}};
  for (const std::size_t cache : {std::size_t{0}, std::size_t{1} << 20}) {
    const auto whole = open_volumes(config, expand_files(config.files, dir.path()), cache);
    CHECK(target_of(*whole) == kMerged);
    CHECK_FALSE(whole->find_refused(SamplePart::kTarget, three));
    const auto refused = whole->find_refused(SamplePart::kTarget, two);
    REQUIRE(refused);
    CHECK(refused->value == "300");
  }
  PatchSet patches(
      PatchVolumes(config, expand_files(config.files, dir.path()), dir.cache),
      {.sampling = {.patch = patch_config(R"({"size": [4, 2, 2]})")}, .needs_labels = true});
  CHECK(target_of(patches) == kMerged);
  const auto histogram = patches.label_histogram();
  REQUIRE(histogram);
  std::map<std::int64_t, std::int64_t> counts;
  for (const auto& [label, count] : *histogram) counts[label] = count.voxels;
  CHECK(counts == std::map<std::int64_t, std::int64_t>{{0, 4}, {1, 8}, {2, 4}});
}

TEST_CASE("what was measured of labels is measured again with other merges") {
  PatchDir dir;
  store(dir / "a.h5", "label", objects());
  store(dir / "a.h5", "raw", {{4, 2, 2}, std::vector<double>(16, 1.0), H5T_IEEE_F32LE});
  VolumesConfig config = merged_volumes();
  const auto identity = [&] {
    const PatchVolumes volumes(config, expand_files(config.files, dir.path()), dir.cache);
    return volumes.all().front().identity();
  };
  const std::string merged = identity();
  config.merges = {};
  const std::string plain = identity();
  config.merges.add("1-300", 1);
  CHECK(merged != plain);
  CHECK(identity() != plain);
  CHECK(identity() != merged);
}

TEST_CASE("only integers are merged") {
  const TempDir dir;
  store(dir / "a.h5", "raw", {{1, 2, 2}, std::vector<double>(4, 1.0), H5T_IEEE_F32LE});
  store(dir / "a.h5", "label", {{1, 2, 2}, std::vector<double>(4, 1.0), H5T_IEEE_F32LE});
  const VolumesConfig config = merged_volumes();
  CHECK(from_inside(dir.path(), error_of([&] {
                      open_volumes(config, expand_files(config.files, dir.path()), 0);
                    })) ==
        "3: a.h5: /label: expected integers, whose labels are merged, found float32");
}

TEST_CASE("all sets of an experiment have the same merges") {
  const DataConfig config =
      from_text(R"({"train": {"files": "a", "input": "x", "target": "y"},
                    "validation": {"files": "b", "input": "x", "target": "y"},
                    "merge_labels": {"2-9": 1}})",
                "/data", [](JsonObject& data) { return read_data_config(data, std::nullopt); });
  CHECK(config.train.merges.json() == Json{{"2-9", 1}});
  REQUIRE(config.validation);
  CHECK(config.validation->merges.json() == Json{{"2-9", 1}});
}

}  // namespace lucid::test
