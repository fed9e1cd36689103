#include <doctest/doctest.h>

#include "data/patch/patch_files.h"
#include "support/experiment.h"
#include "support/from_text.h"

namespace lucid {
namespace {

using test::Experiment;
using test::snapshot;

// Writes volumes of three sizes, one smaller than the patch. A label tells whether the value of a
// voxel, to which noise was added, is high.
void write_native(const std::filesystem::path& file, std::uint64_t seed) {
  const Triple sizes[] = {{12, 9, 10}, {7, 14, 8}, {5, 20, 9}};
  Rng rng(seed, "native");
  for (const Triple& size : sizes) {
    const std::string name = "case" + std::to_string(size[0]);
    test::Stored raw{{}, {}, H5T_IEEE_F32LE}, label{{}, {}};
    for (const std::int64_t extent : size) raw.extents.push_back(static_cast<hsize_t>(extent));
    label.extents = raw.extents;
    for (std::int64_t i = 0; i < size[0] * size[1] * size[2]; ++i) {
      label.values.push_back(rng.uniform() < 0.2 ? 1 : 0);
      raw.values.push_back(2 * label.values.back() + 0.4 * rng.normal());
    }
    raw.chunk = label.chunk = {4, 4, 4};
    raw.deflate = label.deflate = 1;
    test::store(file, name + "/raw", raw);
    test::store(file, name + "/label", label);
  }
}

void use_patches(Experiment& experiment) {
  write_native(experiment / "native.h5", 1);
  write_native(experiment / "native_validation.h5", 2);
  experiment.json["model"] = parse_json(R"({
    "input": {"channels": 1, "size": 6},
    "layers": [
      {"type": "Conv3D", "out_channels": 4, "kernel_size": 3, "padding": 1},
      {"type": "ReLU"},
      {"type": "Conv3D", "out_channels": 2, "kernel_size": 1}
    ]})",
                                        "test");
  experiment.json["data"] = parse_json(R"({
    "train": {"files": "native.h5", "input": "*/raw", "target": "*/label"},
    "validation": {"files": "native_validation.h5", "input": "*/raw", "target": "*/label"},
    "patch": {"foreground": 0.33, "per_volume": 4},
    "batch_size": 5, "workers": 2, "normalize": "auto"})",
                                       "test");
  experiment.json["metrics"] = {"accuracy"};
}

}  // namespace

TEST_CASE("a run on patches, stopped anywhere and resumed, gives the bits of one that was not") {
  Experiment experiment;
  use_patches(experiment);
  experiment.json["data"]["augmentation"] =
      parse_json(R"([{"type": "RandomFlip"}, {"type": "RandomNoise", "std": 0.1}])", "test");
  experiment.train("straight");
  const auto wanted = snapshot(experiment.last("straight"));
  CHECK(experiment.metrics("straight", "step").size() == 6);  // of 12 patches, twice
  bool was_stopped = true;
  for (int questions = 1; was_stopped; ++questions) {
    CAPTURE(questions);
    was_stopped =
        experiment.train("run", test::stop_after(questions)).status == RunStatus::kInterrupted;
    experiment.resume("run", {});
    CHECK(snapshot(experiment.last("run")) == wanted);
  }
}

TEST_CASE("training on patches does not depend on workers, prefetch or the cache") {
  Experiment experiment;
  use_patches(experiment);
  experiment.train("one");
  experiment.json["data"]["workers"] = 0;
  experiment.json["data"]["cache_mb"] = 0;
  experiment.train("two");
  experiment.json["data"]["workers"] = 3;
  experiment.json["data"]["prefetch"] = 7;
  experiment.train("three");
  CHECK(snapshot(experiment.last("two")) == snapshot(experiment.last("one")));
  CHECK(snapshot(experiment.last("three")) == snapshot(experiment.last("one")));
}

TEST_CASE("training on patches of volumes in their own sizes learns") {
  Experiment experiment;
  use_patches(experiment);
  experiment.json["optimizer"] = {{"type", "Adam"}, {"lr", 0.02}};
  experiment.json["train"]["epochs"] = 15;
  experiment.train("run");
  const auto epochs = experiment.metrics("run", "epoch");
  CHECK(epochs.back()["validation"]["accuracy"] > 0.95);
  CHECK(epochs.back()["validation"]["loss"] <
        0.5 * epochs.front()["validation"]["loss"].get<double>());
  // The checkpoint holds the resolved config.
  const Json data = experiment.saved_config("run")["data"];
  CHECK(
      json_text(data["patch"]) ==
      R"({"size":[6,6,6],"sampling":"random","foreground":0.33,"per_volume":4,"padding_mode":"constant"})");
  CHECK(data["normalize"]["mean"].is_number());
}

TEST_CASE("padding does not count where there is an ignore_index, targets being floats or not") {
  std::vector<Json> ends;
  for (const hid_t type : {H5T_STD_U8LE, H5T_IEEE_F32LE}) {
    Experiment experiment;
    use_patches(experiment);
    test::Stored raw{{4, 5, 9}, {}}, label{{4, 5, 9}, {}, type};
    for (int i = 0; i < 180; ++i) label.values.push_back(i % 3 == 0 ? 1 : 0);
    test::store(experiment / "small.h5", "case/raw", raw);
    test::store(experiment / "small.h5", "case/label", label);
    experiment.json["model"]["layers"].back()["out_channels"] = 1;
    experiment.json["data"]["train"]["files"] = "small.h5";
    experiment.json["data"]["validation"]["files"] = "small.h5";
    experiment.json["loss"] = {{"type", "BCEWithLogitsLoss"}, {"ignore_index", -100}};
    experiment.json["train"]["epochs"] = 1;
    experiment.train("run");
    ends.push_back(experiment.metrics("run", "epoch").back());
  }
  for (const char* set : {"train", "validation"}) CHECK(ends[0][set] == ends[1][set]);
}

TEST_CASE("an epoch tells what was read, and what was measured is kept") {
  Experiment experiment;
  use_patches(experiment);
  experiment.json["data"]["normalize"] = {{"type", "percentile"}, {"per", "volume"}};
  experiment.train("run");
  const auto epochs = experiment.metrics("run", "epoch");
  CHECK(epochs[0]["bytes_read"] > 0);
  CHECK(epochs[0]["cache_misses"] > 0);
  CHECK(epochs[1]["bytes_read"] == 0);  // all chunks are in memory
  CHECK(epochs[1]["cache_misses"] == 0);
  CHECK(epochs[1]["cache_hits"] > 0);
  // The file has labels and values of three training and three validation volumes.
  CHECK(hdf5::File(experiment / "run/measured.h5").datasets().size() == 12);
  const auto wanted = snapshot(experiment.last("run"));
  experiment.train("run");
  CHECK(snapshot(experiment.last("run")) == wanted);
}

TEST_CASE("a target for a volume is that of its patches, and has no foreground") {
  Experiment experiment;
  Json& data = experiment.json["data"];
  data["patch"] = parse_json(R"({"sampling": "grid"})", "test");
  CHECK(experiment.train("run").status == RunStatus::kFinished);
  CHECK(experiment.metrics("run", "epoch")[1]["validation"]["accuracy"].is_number());
  data["patch"] = parse_json(R"({"foreground": 0.5})", "test");
  CHECK(
      test::from_inside(experiment.folder.path(),
                        test::error_of([&] { experiment.train("again"); })) ==
      "3: a.json: /data/patch/foreground: expected 0 with targets that are no voxels, found scalar "
      "in train.h5: /labels");
}

TEST_CASE("one file serves training and validation where their rois do not meet") {
  Experiment experiment;
  use_patches(experiment);
  Json& data = experiment.json["data"];
  data["validation"]["files"] = "native.h5";
  data["train"]["roi"] = parse_json(R"({"h": [0, 5]})", "test");
  data["validation"]["roi"] = parse_json(R"({"y": [5, null]})", "test");
  CHECK(experiment.train("run").status == RunStatus::kFinished);
  data["validation"]["roi"] = parse_json(R"({"h": [4, null]})", "test");
  const std::string file = experiment.folder.path().string() + "/native.h5";
  CHECK(
      test::error_of([&] { experiment.train("again"); }) ==
      "2: a.json: /data/validation/roi: expected a roi that does not overlap that of /data/train, "
      "found d=0:12,h=4:9,w=0:10 beside d=0:12,h=0:5,w=0:10 of " +
          file + ": /case12/raw");
}

TEST_CASE("class weights of patches are those of the volumes, whose labels are checked whole") {
  Experiment experiment;
  use_patches(experiment);
  experiment.json["loss"] = {{"type", "CrossEntropyLoss"}, {"weight", "auto"}};
  experiment.json["train"]["epochs"] = 0;
  experiment.train("run");
  std::int64_t voxels = 0, high = 0;
  for (const char* name : {"case12/label", "case7/label", "case5/label"})
    for (const std::int64_t label :
         hdf5::File(experiment / "native.h5").open(name).read<std::int64_t>()) {
      ++voxels;
      high += label;
    }
  const Json weights = experiment.saved_config("run")["loss"]["weight"];
  CHECK(weights[1].get<double>() ==
        doctest::Approx(static_cast<double>(voxels) / (2.0 * static_cast<double>(high))));
  test::store(experiment / "native.h5", "wrong/raw", {{6, 6, 6}, {}});
  test::Stored wrong{{6, 6, 6}, std::vector<double>(216, 0.0)};
  wrong.values[215] = 2;
  test::store(experiment / "native.h5", "wrong/label", wrong);
  CHECK(test::from_inside(experiment.folder.path(),
                          test::error_of([&] { experiment.train("again"); })) ==
        "3: native.h5: /wrong/label, voxel (5, 5, 5): expected a class from 0 to 1 or -100 "
        "(ignore_index), found 2");
}

}  // namespace lucid
