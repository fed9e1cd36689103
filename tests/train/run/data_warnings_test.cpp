#include <doctest/doctest.h>

#include "data/hdf5/h5_files.h"
#include "support/experiment.h"
#include "support/from_text.h"

// Tests what a session warns of, by the data that it opens.
namespace lucid::test {
namespace {

using Lines = std::vector<std::string>;

// A network that labels voxels of `size`, without normalization and validation.
struct VoxelExperiment : Experiment {
  explicit VoxelExperiment(std::int64_t size = 6) {
    json["model"] = {{"input", {{"channels", 1}, {"size", size}}},
                     {"layers", {{{"type", "Conv3D"}, {"out_channels", 3}, {"kernel_size", 1}}}}};
    for (const char* set : {"train", "validation"}) json["data"][set]["target"] = "voxels";
    json["data"].erase("validation");
  }

  // One volume with labels, all of which are `label`.
  void store_volume(const std::string& file, double label) const {
    store(*this / file, "x", {{12, 12, 12}, {}, H5T_IEEE_F32LE});
    store(*this / file, "y", {{12, 12, 12}, std::vector<double>(1728, label), H5T_STD_I16LE});
  }

  void use_volumes(const std::string& files) {
    json["data"]["train"] = {{"files", files}, {"input", "x"}, {"target", "y"}};
    json["data"]["patch"] = {{"per_volume", 2}};
  }

  Lines warnings() const {
    Session session(config(), 1);
    session.resolve_auto();
    Lines lines = session.warnings().take();
    for (std::string& line : lines) line = from_inside(folder.path(), line);
    return lines;
  }
};

}  // namespace

TEST_CASE("sets that share samples are a warning") {
  VoxelExperiment experiment;
  CHECK(experiment.warnings() == Lines{});
  experiment.json["data"]["validation"] = experiment.json["data"]["train"];
  const auto expected = [](const std::string& file) {
    return Lines{"a.json: /data/validation: " + file +
                 ": /volumes is in /data/train, too: 12 of 12 samples; values measured on what was "
                 "learned say nothing of new data"};
  };
  CHECK(experiment.warnings() == expected("train.h5"));
  std::filesystem::create_symlink(experiment / "train.h5", experiment / "other.h5");
  experiment.json["data"]["validation"]["files"] = "other.h5";
  CHECK(experiment.warnings() == expected("other.h5"));
}

TEST_CASE("a file that is named twice counts once") {
  VoxelExperiment experiment;
  experiment.json["data"]["train"]["files"] = {"train.h5", "t*.h5"};
  CHECK(experiment.warnings() ==
        Lines{"a.json: /data/train/files: train.h5 is named more than once, and counts once"});
  CHECK(Session(experiment.config(), 1).train_set().size() == 12);
}

TEST_CASE("patches of volumes without foreground are a warning, also of some of them") {
  VoxelExperiment experiment;
  experiment.store_volume("a.h5", 0);
  experiment.use_volumes("a.h5");
  experiment.json["data"]["patch"]["foreground"] = 1;
  CHECK(experiment.warnings() ==
        Lines{"a.json: /data/patch/foreground: no volume of a.h5: /y has a voxel that is not "
              "background or ignored: patches lie anywhere, as with 0; correct the labels or set "
              "it to 0",
              "a.json: /data/train: classes 1, 2 of 3 never occur in a.h5: /y and cannot be "
              "learned"});
  experiment.store_volume("b.h5", 2);
  experiment.use_volumes("?.h5");
  experiment.json["data"]["patch"]["foreground"] = 0.5;
  CHECK(experiment.warnings() ==
        Lines{"a.json: /data/patch/foreground: 1 of 2 volumes have no foreground, as a.h5: /y: "
              "their patches lie anywhere",
              "a.json: /data/train: class 1 of 3 never occurs in a.h5: /y and another file and "
              "cannot be learned"});
}

TEST_CASE("masks that leave out a volume or change nothing are a warning") {
  VoxelExperiment experiment;
  for (const char* file : {"a.h5", "b.h5"}) {
    experiment.store_volume(file, 0);
    const double is_valid = std::string_view(file) == "b.h5" ? 1 : 0;
    store(experiment / file, "m", {{12, 12, 12}, std::vector<double>(1728, is_valid)});
  }
  experiment.use_volumes("?.h5");
  experiment.json["data"]["train"]["mask"] = "m";
  experiment.json["model"]["layers"][0]["out_channels"] = 1;
  experiment.json["loss"]["type"] = "BCEWithLogitsLoss";
  experiment.json.erase("metrics");
  for (const char* file : {"a.h5", "b.h5"})
    store(experiment / file, "v", {{1, 12, 12, 12}, std::vector<double>(1728, 0.0)});
  experiment.json["data"]["train"]["target"] = "v";
  const Lines found = experiment.warnings();
  REQUIRE(found.size() >= 2);
  CHECK(found[0] ==
        "a.json: /data/train/mask: 1 of 2 volumes are left out, as a.h5: /m is 0 everywhere in "
        "them");
  CHECK(found[1] ==
        "a.json: /data/train/mask: targets count where a.h5: /m is 0, too, as the losses have no "
        "ignore_index that they share");
}

TEST_CASE("labels that are all ignored are a warning") {
  VoxelExperiment experiment;
  experiment.store_volume("a.h5", -100);
  experiment.use_volumes("a.h5");
  experiment.json["data"]["validation"] = experiment.json["data"]["train"];
  const Lines found = experiment.warnings();
  REQUIRE(found.size() == 3);
  CHECK(found[1] ==
        "a.json: /data/train: every label of a.h5: /y is -100 (ignore_index of CrossEntropyLoss): "
        "nothing can be learned from it; correct the labels or ignore_index");
  CHECK(found[2].starts_with("a.json: /data/validation: every label of a.h5: /y is -100"));
}

TEST_CASE("a class that never occurs gets no weight of its own, and a warning says so") {
  VoxelExperiment experiment;
  experiment.json["model"]["layers"][0]["out_channels"] = 15;
  experiment.json["loss"]["weight"] = "auto";
  CHECK(experiment.warnings() ==
        Lines{"a.json: /data/train: classes 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, ... of 15 never occur "
              "in train.h5: /voxels and cannot be learned: their \"auto\" weight is 1"});
}

TEST_CASE("a normalization that would leave nothing is a warning") {
  VoxelExperiment experiment;
  std::vector<double> bright(1728, 0.0);
  bright[100] = 1;
  store(experiment / "a.h5", "x", {{12, 12, 12}, bright, H5T_IEEE_F32LE});
  store(experiment / "a.h5", "y", {{12, 12, 12}, bright});
  experiment.json["model"]["input"]["size"] = 12;
  experiment.json["model"]["layers"][0]["out_channels"] = 2;
  experiment.json["data"]["train"] = {{"files", "a.h5"}, {"input", "x"}, {"target", "y"}};
  experiment.json["data"]["normalize"] = {{"type", "percentile"}};
  const std::string note =
      "channel 0: its percentiles 0.5 and 99.5 are equal, 0; its smallest and largest value, 0 "
      "and 1, are used instead";
  CHECK(experiment.warnings() == Lines{"a.json: /data/normalize: a.h5: /x, " + note});
  experiment.json["data"]["normalize"]["per"] = "volume";
  Session session(experiment.config(), 1);
  std::vector<float> sample(1728);
  session.train_set().read_sample(0, sample);
  session.train_set().read_sample(0, sample);
  CHECK(sample[100] == 1);
  const Lines found = session.warnings().take();
  REQUIRE(found.size() == 1);
  CHECK(from_inside(experiment.folder.path(), found[0]) ==
        "a.h5: /x, sample 0, " + note + "; other volumes may be alike");
}

TEST_CASE("limits that leave one value are a warning, in the wrong order an error") {
  VoxelExperiment experiment;
  store(experiment / "a.h5", "x", {{6, 6, 6}, {}, H5T_IEEE_F32LE});
  store(experiment / "a.h5", "y", {{6, 6, 6}, std::vector<double>(216, 1.0)});
  experiment.json["model"]["layers"][0]["out_channels"] = 2;
  experiment.json["data"]["train"] = {{"files", "a.h5"}, {"input", "x"}, {"target", "y"}};
  Json& normalize = experiment.json["data"]["normalize"];
  normalize = {{"mean", 0}, {"std", 1}, {"min", 300}, {"max", 400}};
  CHECK(experiment.warnings().back() ==
        "a.json: /data/normalize: all values of a.h5: /x, sample 0, channel 0, 0 to 215, become "
        "one by 'min' 300 and 'max' 400");
  normalize["min"] = normalize["max"] = 7;
  CHECK(experiment.warnings().back().ends_with("become one by 'min' 7 and 'max' 7"));
  normalize["max"] = 6;
  CHECK(error_of([&] { experiment.warnings(); }) ==
        "2: a.json: /data/normalize/min: expected at most 'max', found 7 and 6");
}

TEST_CASE("colours that are taken for space are a warning") {
  VoxelExperiment experiment;
  store(experiment / "a.h5", "x", {{2, 6, 6, 6, 3}, {}});
  store(experiment / "a.h5", "y", {{2, 6, 6, 3}, std::vector<double>(216, 0.0)});
  experiment.json["model"]["input"] = {{"channels", 6}, {"size", {6, 6, 3}}};
  experiment.json["data"]["train"] = {{"files", "a.h5"}, {"input", "x"}, {"target", "y"}};
  const std::string warning =
      "a.json: /data/train/axes: a.h5: /x: its shape 2x6x6x6x3 is taken for ncdhw; if the last "
      "axis holds colours, set \"axes\" to \"ndhwc\"";
  CHECK(experiment.warnings().front() == warning);
  experiment.json["data"]["train"]["axes"] = "ncdhw";
  CHECK(experiment.warnings().front() != warning);
}

TEST_CASE("input and target in separate files is a hint") {
  VoxelExperiment experiment;
  store(experiment / "a.h5", "x", {{2, 1, 6, 6, 6}, {}});
  experiment.json["data"]["train"] = {{"files", "a.h5"}, {"input", "x"}, {"target", "y"}};
  CHECK(from_inside(experiment.folder.path(), error_of([&] { experiment.warnings(); })) ==
        "3: a.h5: no dataset 'y'; input and target have to be in the same file, if need be as "
        "links to others");
}

}  // namespace lucid::test
