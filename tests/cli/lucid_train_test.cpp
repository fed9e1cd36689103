#include <doctest/doctest.h>

#include <algorithm>

#include "cli/results.h"
#include "data/hdf5/write.h"
#include "paths.h"
#include "support/experiment.h"

// Tests the arguments of lucid-train and what it refuses before training.
namespace lucid {
namespace {

using test::Experiment;
using test::ProgramResult;
using test::refusal;
using Words = std::vector<std::string>;

// Returns the refusal of the experiment with these overrides.
std::string refusal(const Words& assignments) {
  const Experiment experiment;
  experiment.write_config();
  Words arguments{"--config", "a.json", "--output", "run"};
  for (const std::string& assignment : assignments)
    arguments.insert(arguments.end(), {"--set", assignment});
  return refusal(test::train_in(experiment.folder, arguments));
}

std::string seed_config() { return std::string(LUCID_SOURCE_DIR) + "/configs/seed.json"; }

// Returns the words of the line that begins with `first`.
Words row(const std::string& text, const std::string& first) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    Words row{std::istream_iterator<std::string>(words), {}};
    if (!row.empty() && row[0] == first) return row;
  }
  return {};
}

}  // namespace

TEST_CASE("lucid-train: help and version go to stdout") {
  const ProgramResult help = test::run_program("lucid-train", {"--help"});
  CHECK(help.code == 0);
  CHECK(help.err == "");
  for (const std::string option :
       {"--config", "--output", "--set", "--resume", "--weights", "--epochs", "--seed", "--threads",
        "--dry-run", "--summary", "--profile", "--quiet", "--overwrite", "--version"}) {
    CAPTURE(option);
    CHECK(help.out.find(option) != std::string::npos);
  }
  const ProgramResult version = test::run_program("lucid-train", {"--version"});
  CHECK(version.code == 0);
  CHECK(version.out == "lucid-train " LUCID_VERSION "\n");
  CHECK(version.err == "");
}

TEST_CASE("lucid-train: wrong arguments are one line and exit code 2") {
  const auto refused = [](const Words& arguments) {
    return refusal(test::run_program("lucid-train", arguments));
  };
  CHECK(refused({}) ==
        "2: lucid-train: expected --config FILE or --resume RUN_DIR, found neither; see "
        "lucid-train --help");
  CHECK(refused({"--confg", "a.json"}).starts_with("2: lucid-train: "));
  CHECK(refused({"--config"}).starts_with("2: lucid-train: "));
  CHECK(refused({"--threads", "0", "--config", "a"}).starts_with("2: lucid-train: --threads"));
  for (const Words& other : {Words{"--weights", "b"}, {"--overwrite"}}) {
    CAPTURE(other[0]);
    Words arguments{"--resume", "a"};
    arguments.insert(arguments.end(), other.begin(), other.end());
    CHECK(refused(arguments).find(" excludes ") != std::string::npos);
  }
}

TEST_CASE("lucid-train: a run is resumed in its own folder") {
  Experiment experiment;
  experiment.json["train"]["epochs"] = 0;
  experiment.train("run");
  CHECK(refusal(test::train_in(experiment.folder, {"--resume", "run", "--output", "other"})) ==
        "2: --output other: expected the folder of --resume, 'run', or none; a run goes on where "
        "it is");
  CHECK(test::train_in(experiment.folder, {"--resume", "run", "--output", "run/../run"}).code == 0);
}

TEST_CASE("lucid-train: a file that is missing or broken is one line and exit code 2") {
  const Experiment experiment;
  CHECK(refusal(test::train_in(experiment.folder, {"--config", "b.json"})) ==
        "2: b.json: cannot be opened: No such file or directory");
  CHECK(refusal(test::train_in(experiment.folder, {"--resume", "none"})) ==
        "2: none/checkpoints/last.h5: no such file");
  experiment.folder.write("b.json", "{\n  \"seed\": tru\n}");
  CHECK(refusal(test::train_in(experiment.folder, {"--config", "b.json"}))
            .starts_with("2: b.json: line 2, column 14: expected JSON, found an error "));
  experiment.write_config();
  CHECK(refusal(test::train_in(experiment.folder, {"--config", "a.json", "--weights", "w.h5"})) ==
        "2: a.json: /train/weights: expected an existing file, found '" +
            (experiment / "w.h5").string() + "'");
}

TEST_CASE("lucid-train: mistakes of the config are exit code 2") {
  CHECK(refusal({"optimizer.lrr=1"}) ==
        "2: a.json: /optimizer/lrr: unknown key; did you mean 'lr'?");
  CHECK(refusal({"a"}) == "2: --set a: expected key.path=value");
}

TEST_CASE("lucid-train: bfloat16 is refused where the processor lacks it") {
  const Experiment experiment;
  experiment.write_config();
  const ProgramResult result = test::run_program(
      "lucid-train", {"--config", "a.json", "--set", "train.precision=bfloat16", "--dry-run"},
      {.cwd = experiment.folder.path(), .env = {{"ONEDNN_MAX_CPU_ISA", "AVX2"}}});
  CHECK(refusal(result) ==
        "2: a.json: /train/precision: expected 'float32' on a processor without AVX512_BF16 or "
        "AMX, found 'bfloat16'; this one has AVX2");
}

TEST_CASE("lucid-train: data that does not fit is one line and exit code 3") {
  Experiment experiment;
  const std::string place = (experiment / "train.h5").string();
  const auto refused = [&](const std::string& assignment) {
    experiment.write_config();
    return refusal(test::train_in(experiment.folder,
                                  {"--config", "a.json", "--set", assignment, "--dry-run"}));
  };
  CHECK(refused("data.train.target=lables") ==
        "3: " + place + ": no dataset 'lables'; did you mean 'labels'?");
  CHECK(refused("data.train.target=voxels").starts_with("3: " + place + ": /voxels, sample 0: "));
  CHECK(refused("model.input.size=7") ==
        "3: a.json: /data/train: expected samples of 1x7x7x7 (C, D, H, W), the model's input, "
        "found 1x6x6x6 in " +
            place + "; set model.input to the shape of the data");
  CHECK(refused("model.layers.3.out_features=2") ==
        "3: " + place +
            ": /labels, sample 2: expected a class from 0 to 1 or -100 (ignore_index), found 2");
  experiment.folder.write("validation.h5", "no HDF5");
  CHECK(refused("seed=1").starts_with("3: " + (experiment / "validation.h5").string() + ": "));
}

TEST_CASE("lucid-train: weights that do not fit are exit code 3, in a dry run as well") {
  Experiment experiment;
  hdf5::Writer writer(experiment / "w.h5");
  writer.write<float>("parameters/conv3d_1/bias", {4}, std::vector<float>(4));
  writer.write<float>("parameters/conv3d_1/weight", {4, 1, 3, 3, 3}, std::vector<float>(108));
  writer.write<float>("parameters/linear_1/weight", {3, 32}, std::vector<float>(96));
  writer.close();
  experiment.write_config();
  for (const Words& more : {Words{}, {"--dry-run"}, {"--profile", "1"}}) {
    Words arguments{"--config", "a.json", "--weights", "w.h5"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProgramResult result = test::train_in(experiment.folder, arguments);
    CHECK(result.code == 3);
    CHECK(result.err == (experiment / "w.h5").string() +
                            ": /parameters/linear_1/bias: expected a parameter of shape 3, found "
                            "none\n");
    CHECK_FALSE(std::filesystem::exists(experiment / "runs"));
  }
}

TEST_CASE("lucid-train: a dry run prints the seed's network and writes nothing") {
  const test::TempDir folder;
  const ProgramResult result = test::run_program(
      "lucid-train", {"--config", seed_config(), "--dry-run"}, {.cwd = folder.path()});
  CHECK(result.code == 0);
  CHECK(result.err == "");
  CHECK(row(result.out, "conv1") == Words{"conv1", "Conv3D", "8x10x10x10", "224", "0.44"});
  CHECK(row(result.out, "conv2") == Words{"conv2", "Conv3D", "16x8x8x8", "3,472", "3.55"});
  CHECK(row(result.out, "pool") == Words{"pool", "MaxPool3D", "16x4x4x4", "0", "0.01"});
  CHECK(row(result.out, "fc") == Words{"fc", "Linear", "10", "10,250", "0.02"});
  CHECK(row(result.out, "total") == Words{"total", "13,946", "4.02"});
  CHECK(row(result.out, "memory").size() > 5);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("lucid-train: the seed's network does not fit 3x3x3 voxels, which is told once") {
  CHECK(refusal(test::run_program("lucid-train", {"--config", seed_config(), "--dry-run", "--set",
                                                  "model.input.size=[3,3,3]"})) ==
        "2: " + seed_config() +
            ": /model/layers/4: layer 'pool' (MaxPool3D): a window of 2x2x2 voxels does not fit "
            "the padded input of 1x1x1: the output would be empty; nearest sizes that "
            "fit: d 10, h 10, w 10");
}

TEST_CASE("lucid-train: a profile is a table, and leaves no run") {
  const Experiment experiment;
  experiment.write_config();
  const ProgramResult result =
      test::train_in(experiment.folder, {"--config", "a.json", "--profile", "2", "--threads", "1"});
  CHECK(result.code == 0);
  CHECK(result.err == "");
  CHECK(row(result.out, "layer") ==
        Words{"layer", "step", "implementation", "direction", "ms", "share"});
  CHECK(row(result.out, "maxpool3d_1").size() > 4);
  CHECK(result.out.find("median of 2 steps of 5 samples: ") != std::string::npos);
  CHECK(result.out.find(", 1 thread\n") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(experiment / "runs"));
}

}  // namespace lucid
