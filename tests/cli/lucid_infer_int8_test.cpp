#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "cli/results.h"
#include "data/hdf5/h5_files.h"
#include "data/hdf5/write.h"
#include "support/experiment.h"
#include "tensor/onednn.h"

// int8 from the command line, with networks that were trained a little.
namespace lucid {
namespace {

using test::Experiment;
using test::ProgramResult;
using test::refusal;
using Words = std::vector<std::string>;

// Wide enough that layers are worth rounding.
const char* const kSegmenter = R"({
  "input": {"channels": 1, "size": 8}, "layers": [
    {"type": "Conv3D", "name": "first", "out_channels": 16, "kernel_size": 3, "padding": 1},
    {"type": "ReLU", "name": "skip"},
    {"type": "MaxPool3D", "kernel_size": 2},
    {"type": "Conv3D", "name": "deep", "out_channels": 16, "kernel_size": 3, "padding": 1},
    {"type": "ReLU"},
    {"type": "ConvTranspose3D", "name": "up", "out_channels": 16, "kernel_size": 2, "stride": 2},
    {"type": "Concat", "inputs": ["skip", "up"]},
    {"type": "Conv3D", "name": "late", "out_channels": 8, "kernel_size": 3, "padding": 1},
    {"type": "ReLU"},
    {"type": "Conv3D", "name": "classes", "out_channels": 3, "kernel_size": 1}]})";

const char* const kOfValues = R"({
  "input": {"channels": 1, "size": 8}, "layers": [
    {"type": "Conv3D", "name": "first", "out_channels": 16, "kernel_size": 3, "stride": 2},
    {"type": "ReLU"},
    {"type": "Conv3D", "name": "second", "out_channels": 16, "kernel_size": 3},
    {"type": "LeakyReLU"},
    {"type": "Linear", "name": "wide", "out_features": 16},
    {"type": "ReLU"},
    {"type": "Linear", "name": "values", "out_features": 2}]})";

struct Network {
  Network(const std::string& model, const std::string& target, const std::string& loss,
          const std::string& metric) {
    const Shape volume{1, 8, 8, 8};
    test::write_set(experiment / "train.h5", {.volume = volume});
    test::write_set(experiment / "validation.h5", {.volume = volume, .count = 7, .seed = 2});
    experiment.json["model"] = parse_json(model, "a.json");
    experiment.json["loss"] = {{"type", loss}};
    experiment.json["metrics"] = Json::array({metric});
    for (const char* set : {"train", "validation"}) experiment.json["data"][set]["target"] = target;
    experiment.train("run");
  }

  ProgramResult infer(const Words& more) const {
    Words arguments{"--checkpoint", "run/checkpoints/last.h5",
                    "--input",      "validation.h5",
                    "--output",     "out.h5",
                    "--overwrite",  "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return test::run_program("lucid-infer", arguments, {.cwd = experiment.folder.path()});
  }
  Json in_int8(const Words& more) const {
    Words arguments{"--precision", "int8", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProgramResult result = infer(arguments);
    INFO(result.err);
    REQUIRE(result.code == 0);
    return parse_json(result.out, "stdout");
  }
  // Volumes without targets.
  void write_bare() const {
    Rng rng(4, "bare");
    std::vector<float> volumes(1024);
    for (float& voxel : volumes) voxel = static_cast<float>(rng.normal());
    hdf5::Writer writer(experiment / "bare.h5");
    writer.write<float>("volumes", {2, 1, 8, 8, 8}, volumes);
    writer.close();
  }
  std::vector<float> predictions() const {
    return hdf5::File(experiment / "out.h5").open("predictions").read<float>();
  }
  Experiment experiment;
};

Network segmenter() { return {kSegmenter, "voxels", "CrossEntropyLoss", "dice"}; }
Network of_values() { return {kOfValues, "values", "MSELoss", "mae"}; }

bool is_possible() {
  if (onednn::has_vnni()) return true;
  MESSAGE("skipped: this processor has no AVX512_VNNI");
  return false;
}

Json layer(const Json& result, const std::string& name) {
  for (const Json& each : result["int8"]["layers"])
    if (each["name"] == name) return each;
  return {};
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(a[i] - b[i], 2);
  return std::sqrt(sum / static_cast<double>(a.size()));
}

}  // namespace

TEST_CASE("lucid-infer: int8 predicts nearly the same, the same each time") {
  if (!is_possible()) return;
  const Network network = segmenter();
  REQUIRE(network.infer({}).code == 0);
  const std::vector<float> exact = network.predictions();
  const Words arguments{"--calibrate", "train.h5", "--max-loss", "0.1"};
  const Json result = network.in_int8(arguments);
  const std::vector<float> rounded = network.predictions();
  CHECK(distance(exact, rounded) > 0);
  CHECK(distance(exact, rounded) < 0.05);
  CHECK(result["int8"]["measure"] == "dice against the targets");
  CHECK(result["int8"]["samples"] == 12);
  CHECK(result["int8"]["loss"] <= 0.1);
  for (const char* name : {"first", "deep", "up", "late"})
    CHECK(layer(result, name)["precision"] == "int8");
  CHECK(layer(result, "classes") == parse_json(R"({"name": "classes", "precision": "float32",
      "loss": null, "why": "it has fewer than 8 outputs"})",
                                               "expected"));
  network.in_int8(arguments);
  CHECK(network.predictions() == rounded);
}

TEST_CASE("lucid-infer: int8 by windows, and without targets") {
  if (!is_possible()) return;
  const Network network = segmenter();
  REQUIRE(network.infer({"--patch", "8,8,8"}).code == 0);
  const std::vector<float> exact = network.predictions();
  const Json result = network.in_int8({"--calibrate", "train.h5", "--patch", "8,8,8",
                                       "--calibrate-limit", "5", "--max-loss", "0.1"});
  CHECK(result["int8"]["samples"] == 5);
  CHECK(result["int8"]["measure"] == "dice against the targets");
  CHECK(distance(exact, network.predictions()) < 0.05);
  // A file without the experiment's targets is measured against float32.
  network.write_bare();
  const Json bare =
      network.in_int8({"--calibrate", "bare.h5", "--max-loss", "1", "--patch", "8,8,8"});
  CHECK(bare["int8"]["measure"] == "dice with the float32 predictions");
}

TEST_CASE("lucid-infer: layers that cost too much stay in float") {
  if (!is_possible()) return;
  const Network network = of_values();
  const Json all = network.in_int8({"--calibrate", "train.h5", "--max-loss", "1"});
  for (const char* name : {"first", "second", "wide"})
    CHECK(layer(all, name)["precision"] == "int8");
  const double loss = all["int8"]["loss"];
  if (loss == 0) return;  // rounding happened to be no worse
  const Json some =
      network.in_int8({"--calibrate", "train.h5", "--max-loss", std::to_string(loss * 0.9)});
  CHECK(some["int8"]["loss"] <= loss * 0.9);
  double worst = 0, most_of_float = 0;
  for (const Json& each : some["int8"]["layers"]) {
    if (each["loss"].is_null()) continue;
    worst = std::max(worst, each["loss"].get<double>());
    if (each["precision"] == "int8") continue;
    CHECK(each["why"] == "costs most of those left");
    most_of_float = std::max(most_of_float, each["loss"].get<double>());
  }
  CHECK(most_of_float == worst);
}

TEST_CASE("lucid-infer: int8 says what it has done, layer by layer") {
  if (!is_possible()) return;
  const Network network = of_values();
  const ProgramResult result =
      network.infer({"--precision", "int8", "--calibrate", "train.h5", "--max-loss", "1"});
  CHECK(result.code == 0);
  CHECK(result.out.starts_with("samples 7, predictions 7x2 in out.h5\nint8 loss "));
  CHECK(result.out.find(" of mae against the targets, over 12 samples; a batch takes ") !=
        std::string::npos);
  CHECK(result.out.find("\nint8 first, loss by itself ") != std::string::npos);
  CHECK(result.out.find("\nfloat32 values: it has fewer than 8 outputs\n") != std::string::npos);
}

TEST_CASE("lucid-infer: int8 is refused where it gains nothing") {
  const Network network = of_values();
  const Words wanted{"--precision", "int8", "--calibrate", "train.h5"};
  const ProgramResult old = test::run_program(
      "lucid-infer",
      {"--checkpoint", "run/checkpoints/last.h5", "--input", "validation.h5", "--output", "o.h5",
       "--precision", "int8", "--calibrate", "train.h5"},
      {.cwd = network.experiment.folder.path(), .env = {{"ONEDNN_MAX_CPU_ISA", "AVX2"}}});
  CHECK(refusal(old) ==
        "2: --precision: expected 'float32' on a processor without AVX512_VNNI, found 'int8'; "
        "this one has AVX2");
  if (!is_possible()) return;
  Experiment small;  // none of its layers has 8 outputs
  small.train("run");
  const ProgramResult none = test::run_program(
      "lucid-infer",
      {"--checkpoint", "run/checkpoints/last.h5", "--input", "validation.h5", "--output", "o.h5",
       "--quiet", "--precision", "int8", "--calibrate", "train.h5"},
      {.cwd = small.folder.path()});
  CHECK(refusal(none) ==
        "2: run/checkpoints/last.h5: --precision int8 expects a network with layers that int8 can "
        "compute, found none; leave it out");
  CHECK_FALSE(std::filesystem::exists(small / "o.h5"));
  // Values are never quite those of float32.
  network.write_bare();
  const ProgramResult strict =
      network.infer({"--precision", "int8", "--calibrate", "bare.h5", "--max-loss", "0"});
  const std::string line = refusal(strict);
  INFO(line);
  CHECK(
      line.starts_with("2: --max-loss: expected a loss within which some layer can be in int8, "
                       "found 0; the best, layer '"));
  CHECK_FALSE(std::filesystem::exists(network.experiment / "out.h5"));
}

}  // namespace lucid
