#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "support/run_program.h"
#include "support/temp_dir.h"
#include "tensor/onednn.h"

namespace lucid {
namespace {

using test::ProgramResult;
using Words = std::vector<std::string>;

constexpr const char* kBenchConfig = R"({"model": {"input": {"channels": 1, "size": 4}, "layers": [
    {"type": "Conv3D", "out_channels": 8, "kernel_size": 3}, {"type": "ReLU"},
    {"type": "Linear", "out_features": 2}]},
  "loss": {"type": "CrossEntropyLoss"}, "optimizer": {"type": "SGD", "lr": 0.1},
  "data": {"batch_size": 2}})";

struct BenchFolder {
  BenchFolder() { folder.write("configs/bench/small.json", kBenchConfig); }
  ProgramResult bench(Words arguments) const {
    for (const char* more : {"--threads", "1", "--repeats", "2", "--seconds", "0"})
      arguments.emplace_back(more);
    return test::run_program("lucid-bench", arguments, {.cwd = folder.path()});
  }
  Json json(Words arguments) const {
    arguments.emplace_back("--json");
    const ProgramResult result = bench(arguments);
    CHECK(result.code == 0);
    CHECK(result.err == "");
    return parse_json(result.out, "stdout");
  }
  test::TempDir folder;
};

Words keys_of(const Json& object) {
  Words keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

const Words kStepKeys = {"batch_size",         "repeats", "median_ms", "least_ms",
                         "samples_per_second", "flops",   "gflops",    "share_of_peak",
                         "peak_memory_bytes"};

}  // namespace

TEST_CASE("lucid-bench: help and version go to stdout") {
  const ProgramResult help = test::run_program("lucid-bench", {"--help"});
  CHECK(help.code == 0);
  CHECK(help.err == "");
  for (const std::string command : {"step", "layers"}) {
    CHECK(help.out.find("\n  " + command + " ") != std::string::npos);
    const ProgramResult own = test::run_program("lucid-bench", {command, "--help"});
    CHECK(own.code == 0);
    for (const std::string option : {"config", "--train", "--infer", "--batch-size", "--repeats",
                                     "--seconds", "--threads", "--precision", "--json"}) {
      CAPTURE(option);
      CHECK(own.out.find(option) != std::string::npos);
    }
  }
  CHECK(test::run_program("lucid-bench", {"--version"}).out == "lucid-bench " LUCID_VERSION "\n");
}

TEST_CASE("lucid-bench: int8 is timed in inference, which is all it is for") {
  if (!onednn::has_vnni()) {
    MESSAGE("skipped: this processor has no AVX512_VNNI");
    return;
  }
  const BenchFolder f;
  const std::string config = "configs/bench/small.json";
  const Json step = f.json({"step", config, "--precision", "int8"})["networks"][0];
  CHECK_FALSE(step.contains("train"));
  CHECK(step["infer"]["repeats"] == 2);
  const ProgramResult layers = f.bench({"layers", config, "--precision", "int8"});
  CHECK(layers.code == 0);
  CHECK(layers.out.find("to bytes") != std::string::npos);
  CHECK(layers.out.find("lucid:bytes") != std::string::npos);
}

TEST_CASE("lucid-bench: a config alone is short for step") {
  const BenchFolder f;
  for (const Words& arguments :
       {Words{"configs/bench/small.json"}, Words{"step", "configs/bench/small.json"},
        Words{"--batch-size", "2", "configs/bench/small.json"}}) {
    const ProgramResult result = f.bench(arguments);
    CHECK(result.code == 0);
    CHECK(result.err == "");
    CHECK(std::ranges::count(result.out, '\n') == 6);
    for (const std::string part : {"peak of multiply-adds in GFLOP/s: ", "; of memory in GB/s: ",
                                   "\nconfigs/bench/small.json: batch 2\n", "\ntraining step ",
                                   "\ninference ", "peak memory"}) {
      CAPTURE(part);
      CHECK(result.out.find(part) != std::string::npos);
    }
  }
}

TEST_CASE("lucid-bench: the JSON of steps") {
  const BenchFolder f;
  const std::string config = "configs/bench/small.json";
  const Json json = f.json({"step", config, config, "--batch-size", "3"});
  CHECK(keys_of(json) == Words{"machine", "networks"});
  CHECK(keys_of(json["machine"]) == Words{"processor", "engine", "thresholds", "peak_gflops",
                                          "peaks_gflops", "memory_gb_per_second"});
  CHECK(json["machine"]["engine"].get<std::string>().ends_with(", 1 thread"));
  REQUIRE(json["networks"].size() == 2);
  const Json& network = json["networks"][1];
  CHECK(keys_of(network) == Words{"train", "infer", "config"});
  CHECK(network["config"] == config);
  // The network has 8 voxels x 8 channels x 27, then 64 x 2; the linear layer also has an input
  // gradient.
  const double forward = 2.0 * 3 * (8 * 8 * 27 + 64 * 2);
  CHECK(network["infer"]["flops"] == forward);
  CHECK(network["train"]["flops"] == 2 * forward + 2.0 * 3 * 64 * 2);
  for (const char* mode : {"train", "infer"}) {
    CHECK(keys_of(network[mode]) == kStepKeys);
    CHECK(network[mode]["batch_size"] == 3);
    CHECK(network[mode]["repeats"] == 2);
    for (const std::string& key : kStepKeys)
      if (key != "peak_memory_bytes") CHECK(network[mode][key] > 0);
  }
}

TEST_CASE("lucid-bench: one mode alone") {
  const BenchFolder f;
  for (const std::string command : {"step", "layers"})
    for (const std::string mode : {"train", "infer"}) {
      const Json json = f.json({command, "configs/bench/small.json", "--" + mode});
      CHECK(keys_of(json["networks"][0]) == Words{mode, "config"});
    }
}

TEST_CASE("lucid-bench: layers of the shipped networks, a row a step") {
  const BenchFolder f;
  const Json json = f.json({"layers"});
  REQUIRE(json["networks"].size() == 1);
  CHECK(json["networks"][0]["config"] == "configs/bench/small.json");
  const Json& train = json["networks"][0]["train"];
  double sum = 0;
  for (const Json& step : train["steps"]) sum += step["ms"].get<double>();
  CHECK(train["ms"].get<double>() == doctest::Approx(sum));
  CHECK(train["steps"].front()["direction"] == "forward");
  CHECK(train["steps"].back()["step"] == "optimizer");
  const ProgramResult text = f.bench({"layers"});
  CHECK(text.code == 0);
  CHECK(text.out.find("\nconfigs/bench/small.json: batch 2, training step\nlayer ") !=
        std::string::npos);
  CHECK(text.out.find("\nconfigs/bench/small.json: batch 2, inference\nlayer ") !=
        std::string::npos);
}

TEST_CASE("lucid-bench: layers finds the configs that were installed with it") {
  const BenchFolder f;
  const std::filesystem::path program = f.folder / "usr/bin/lucid-bench";
  f.folder.write("usr/share/lucid/configs/bench/installed.json", kBenchConfig);
  std::filesystem::create_directories(program.parent_path());
  std::filesystem::copy_file(std::filesystem::path(LUCID_BINARY_DIR) / "lucid-bench", program);
  const test::TempDir elsewhere;
  const Words arguments{"layers", "--infer", "--seconds", "0", "--repeats", "1"};
  const ProgramResult result =
      test::run_program(program.string(), arguments, {.cwd = elsewhere.path()});
  CHECK(result.code == 0);
  CHECK(result.out.find("share/lucid/configs/bench/installed.json: batch 2, inference\n") !=
        std::string::npos);
}

TEST_CASE("lucid-bench: wrong arguments end with 2 and one line") {
  const BenchFolder f;
  for (const Words& arguments : {Words{}, Words{"step"}, Words{"missing.json"},
                                 Words{"step", "missing.json"}, Words{"layers", "missing.json"},
                                 Words{"step", "configs/bench/small.json", "--batch-size", "0"},
                                 Words{"step", "configs/bench/small.json", "--repeats", "0"},
                                 Words{"step", "configs/bench/small.json", "--train", "--infer"}}) {
    const ProgramResult result =
        test::run_program("lucid-bench", arguments, {.cwd = f.folder.path()});
    CAPTURE(result.err);
    CHECK(result.code == 2);
    CHECK(result.out == "");
    CHECK(std::ranges::count(result.err, '\n') == 1);
  }
  const ProgramResult refused =
      test::run_program("lucid-bench", {"configs/bench/small.json", "--precision", "bfloat16"},
                        {.cwd = f.folder.path(), .env = {{"ONEDNN_MAX_CPU_ISA", "AVX2"}}});
  CHECK(refused.code == 2);
  CHECK(refused.err ==
        "--precision: expected 'float32' on a processor without AVX512_BF16 or AMX, found "
        "'bfloat16'; this one has AVX2\n");
  const ProgramResult missing = f.bench({"missing.json"});
  CHECK(missing.err == "missing.json: cannot be opened: No such file or directory\n");
}

}  // namespace lucid
