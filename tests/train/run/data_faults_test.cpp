#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "data/hdf5/h5_files.h"
#include "support/experiment.h"
#include "support/from_text.h"

// Tests that a fault of the data is named by its place, however the data is read.
namespace lucid::test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
const std::string kOfData =
    "; the data is at fault, not the learning rate: correct it or leave it out";
const std::string kFoundNan = ": expected a finite number, found nan" + kOfData;

// Volumes of two cases with a class for each voxel, cut into patches.
struct FaultExperiment : Experiment {
  FaultExperiment() {
    json["model"] = parse_json(R"({"input": {"channels": 1, "size": 6}, "layers": [
      {"type": "Conv3D", "out_channels": 2, "kernel_size": 3, "padding": 1}]})",
                               "test");
    json["data"] = {{"train", {{"files", "a.h5"}, {"input", "*/x"}, {"target", "*/y"}}},
                    {"patch", {{"per_volume", 9}}}};
    json.erase("metrics");
    write("one", "x", H5T_IEEE_F32LE, 0);
    write("one", "y", H5T_STD_I64LE, 0);
  }

  // Stores 0 and 1 in turn, and `value` at (3, 2, 1).
  void write(const std::string& name, const std::string& dataset, hid_t type, double value) const {
    Stored stored{{8, 7, 9}, {}, type};
    for (int i = 0; i < 504; ++i) stored.values.push_back(i % 2);
    stored.values[(3 * 7 + 2) * 9 + 1] = value;
    store(*this / "a.h5", name + "/" + dataset, stored);
  }

  // Without the place in the run and its last checkpoint.
  std::string error() {
    std::string text = from_inside(folder.path(), error_of([&] { train("run"); }));
    text = text.substr(0, text.find("; the last good checkpoint is "));
    const auto place = text.find("a.h5: ");
    return place == std::string::npos ? text : text.substr(0, 3) + text.substr(place);
  }
};

// The rules by which volumes are normalized.
const char* const kNormalizations[] = {"null",
                                       "\"auto\"",
                                       R"({"type": "percentile"})",
                                       R"({"type": "minmax"})",
                                       R"({"type": "percentile", "per": "volume"})",
                                       R"({"type": "zscore", "per": "volume"})"};

}  // namespace

TEST_CASE("a value that is not finite is named under every normalization, in patches") {
  for (const char* normalize : kNormalizations) {
    CAPTURE(std::string(normalize));
    FaultExperiment experiment;
    experiment.write("two", "x", H5T_IEEE_F64LE, 1e300);
    experiment.write("two", "y", H5T_STD_I64LE, 0);
    experiment.json["data"]["normalize"] = parse_json(normalize, "test");
    CHECK(experiment.error() ==
          "4: a.h5: /two/x, voxel (3, 2, 1): expected a finite number, found 1e+300, which float32 "
          "cannot hold" +
              kOfData);
  }
}

TEST_CASE("a value that is not finite is named under every normalization, in whole volumes") {
  for (const double value : {kNan, std::numeric_limits<double>::infinity()})
    for (const char* normalize : kNormalizations) {
      CAPTURE(std::string(normalize));
      FaultExperiment experiment;
      experiment.write("two", "x", H5T_IEEE_F64LE, value);
      experiment.write("two", "y", H5T_STD_I64LE, 0);
      experiment.json["model"]["input"]["size"] = {8, 7, 9};
      experiment.json["data"].erase("patch");
      experiment.json["data"]["normalize"] = parse_json(normalize, "test");
      CHECK(experiment.error() ==
            "4: a.h5: /two/x, voxel (3, 2, 1): expected a finite number, "
            "found " +
                std::string(std::isnan(value) ? "nan" : "inf") + kOfData);
    }
}

TEST_CASE("a fault of the data is found where samples are augmented, in several workers") {
  FaultExperiment experiment;
  experiment.write("two", "x", H5T_IEEE_F32LE, kNan);
  experiment.write("two", "y", H5T_STD_I64LE, 0);
  experiment.json["data"]["workers"] = 3;
  experiment.json["data"]["augmentation"] = parse_json(
      R"([{"type": "RandomFlip"}, {"type": "RandomAffine"}, {"type": "RandomGamma"}])", "test");
  CHECK(experiment.error() == "4: a.h5: /two/x, voxel (3, 2, 1)" + kFoundNan);
}

TEST_CASE("numbers that augmentation makes are not those of the file") {
  FaultExperiment experiment;
  experiment.write("two", "x", H5T_IEEE_F32LE, 3e38);
  experiment.write("two", "y", H5T_STD_I64LE, 0);
  experiment.json["data"]["augmentation"] =
      parse_json(R"([{"type": "RandomBrightnessContrast", "contrast": [90, 100]}])", "test");
  CHECK(experiment.error() ==
        "4: a.h5: /two/x: expected finite numbers, found others after data.augmentation, though "
        "those of the file are finite");
}

TEST_CASE("targets that are not finite are named, unless a mask makes them ignored") {
  for (const char* loss : {"MSELoss", "BCEWithLogitsLoss"}) {
    CAPTURE(std::string(loss));
    FaultExperiment experiment;
    std::filesystem::remove(experiment / "a.h5");
    experiment.json["model"]["layers"][0]["out_channels"] = 1;
    experiment.json["loss"] = {{"type", loss}};
    Stored x{{1, 8, 7, 9}, {}, H5T_IEEE_F32LE}, y = x;
    y.values.assign(504, 0.5);
    y.values[(3 * 7 + 2) * 9 + 1] = kNan;
    store(experiment / "a.h5", "x", x);
    store(experiment / "a.h5", "y", y);
    experiment.json["data"]["train"] = {
        {"files", "a.h5"}, {"input", "x"}, {"target", "y"}, {"axes", "cdhw"}};
    CHECK(experiment.error() == "4: a.h5: /y, voxel (3, 2, 1)" + kFoundNan);
    if (std::string_view(loss) == "MSELoss") continue;
    Stored mask{{8, 7, 9}, std::vector<double>(504, 1.0)};
    mask.values[(3 * 7 + 2) * 9 + 1] = 0;
    store(experiment / "a.h5", "mask", mask);
    experiment.json["data"]["train"]["mask"] = "mask";
    experiment.json["loss"]["ignore_index"] = -1;
    CHECK(experiment.error() == "");
  }
}

TEST_CASE("targets beyond 0 and 1 are named where the loss takes shares") {
  FaultExperiment experiment;
  std::filesystem::remove(experiment / "a.h5");
  experiment.json["model"]["layers"][0]["out_channels"] = 1;
  experiment.json["loss"] = {{"type", "BCEWithLogitsLoss"}};
  Stored x{{2, 1, 6, 6, 6}, {}, H5T_IEEE_F32LE}, y = x;
  y.values.assign(432, 1);
  y.values[216 + 7] = 2.5;
  store(experiment / "a.h5", "x", x);
  store(experiment / "a.h5", "y", y);
  experiment.json["data"] = {{"train", {{"files", "a.h5"}, {"input", "x"}, {"target", "y"}}}};
  CHECK(
      experiment.error() ==
      "3: a.h5: /y, sample 1, voxel (0, 1, 1): expected a number from 0 to 1, found 2.5; step 1 of "
      "the run is saved in run/checkpoints/last.h5, from where --resume goes on");
}

TEST_CASE("labels are named as they are stored, in patches and whole volumes") {
  for (const bool are_patches : {true, false})
    for (const double value : {4294967297.0, 16777217.0, -1.0}) {
      CAPTURE(value);
      FaultExperiment experiment;
      experiment.write("two", "x", H5T_IEEE_F32LE, 0);
      experiment.write("two", "y", H5T_STD_I64LE, value);
      if (!are_patches) {
        experiment.json["model"]["input"]["size"] = {8, 7, 9};
        experiment.json["data"].erase("patch");
      }
      CHECK(experiment.error() ==
            "3: a.h5: /two/y, voxel (3, 2, 1): expected a class from 0 to 1 or -100 "
            "(ignore_index), found " +
                std::to_string(static_cast<std::int64_t>(value)));
    }
}

TEST_CASE("all values of both sets can be checked without training") {
  FaultExperiment experiment;
  experiment.json["data"]["validation"] = experiment.json["data"]["train"];
  const auto check = [&] {
    return from_inside(experiment.folder.path(), error_of([&] {
                         Session session(experiment.config(), 1);
                         session.resolve_auto();
                         session.check_all_values();
                       }));
  };
  CHECK(check() == "");
  experiment.json["data"]["validation"]["files"] = "a.h5";
  experiment.write("two", "x", H5T_IEEE_F32LE, kNan);
  experiment.write("two", "y", H5T_STD_I64LE, 0);
  CHECK(check() == "4: a.h5: /two/x, voxel (3, 2, 1)" + kFoundNan);
}

}  // namespace lucid::test
