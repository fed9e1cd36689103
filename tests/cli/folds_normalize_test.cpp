#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <thread>

#include "cli/folds_experiment.h"
#include "store/checkpoint.h"

namespace lucid::test {
namespace {

namespace fs = std::filesystem;

// The values of all 6 cases; those of voxels of label 1, if they alone are asked for.
std::vector<double> values_of(const Folds& f, bool are_foreground) {
  const hdf5::File file(f / "cases.h5");
  std::vector<double> values;
  for (int number = 0; number < 6; ++number) {
    const std::string name = "c" + std::to_string(number);
    const auto raw = file.open(name + "/raw").read<float>();
    const auto labels = file.open(name + "/label").read<float>();
    for (std::size_t i = 0; i < raw.size(); ++i)
      if (!are_foreground || labels[i] > 0) values.push_back(static_cast<double>(raw[i]));
  }
  std::ranges::sort(values);
  return values;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double deviation_of(const std::vector<double>& values) {
  double squares = 0;
  for (const double value : values) squares += std::pow(value - mean_of(values), 2);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

// As numpy.percentile does, of sorted values.
double percentile(const std::vector<double>& values, double percent) {
  const double at = percent / 100 * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (at - std::floor(at)) * (values[high] - values[low]);
}

Json normalize_of(const Folds& f, const std::string& run) {
  return CheckpointFile(f / ("out/" + run + "/checkpoints/last.h5")).config()["data"]["normalize"];
}

// Folds of one step that normalize by a rule.
struct NormalizedFolds : Folds {
  explicit NormalizedFolds(const Json& normalize) {
    json["data"]["normalize"] = normalize;
    json["train"]["max_steps"] = 1;
    write_config();
  }
};

const Json kCt = {{"type", "ct"}, {"low", 2}, {"high", 98}};

}  // namespace

TEST_CASE("lucid-train: all folds normalize by the foreground of all cases") {
  const NormalizedFolds f(kCt);
  REQUIRE(f.train("1", "out").code == 0);
  REQUIRE(f.train("all", "out").code == 0);
  const Json shared = f.read("out/config.json")["data"]["normalize"];
  for (const char* fold : {"fold_0", "fold_1", "fold_2"}) CHECK(normalize_of(f, fold) == shared);
  const std::vector<double> values = values_of(f, true);
  CHECK(shared["mean"].get<double>() == doctest::Approx(mean_of(values)));
  CHECK(shared["std"].get<double>() == doctest::Approx(deviation_of(values)));
  CHECK(shared["min"].get<double>() == doctest::Approx(percentile(values, 2)));
  CHECK(shared["max"].get<double>() == doctest::Approx(percentile(values, 98)));
  CHECK(f.read("out/normalize.json") == kCt);
}

TEST_CASE("lucid-train: all folds normalize by the values of all cases") {
  const NormalizedFolds f("auto");
  REQUIRE(f.train("all", "out").code == 0);
  const std::vector<double> values = values_of(f, false);
  for (const char* fold : {"fold_0", "fold_1", "fold_2"}) {
    CHECK(normalize_of(f, fold)["mean"].get<double>() == doctest::Approx(mean_of(values)));
    CHECK(normalize_of(f, fold)["std"].get<double>() == doctest::Approx(deviation_of(values)));
  }
}

TEST_CASE("lucid-train: what folds are normalized by is measured once") {
  const NormalizedFolds f(kCt);
  REQUIRE(f.train("0", "out").code == 0);
  // Numbers that nothing could have measured are those that the next folds have.
  Json config = f.read("out/config.json");
  config["data"]["normalize"]["mean"] = 0.125;
  f.folder.write("out/config.json", json_text(config, 2));
  REQUIRE(f.train("1", "out").code == 0);
  CHECK(normalize_of(f, "fold_1")["mean"] == 0.125);
  REQUIRE(f.train("all", "out", {"--dry-run"}).code == 0);
  const std::string other_order = R"(data.normalize={"high": 98, "low": 2, "type": "ct"})";
  REQUIRE(f.train("1", "out", {"--set", other_order}).code == 0);
  CHECK(refusal(f.train("2", "out", {"--set", "data.normalize=auto"})) ==
        "2: out/normalize.json: /: expected the data.normalize of the config, \"auto\", found "
        "{\"type\":\"ct\",\"low\":2,\"high\":98}, which all folds of the folder share; choose "
        "another folder with --output");
}

TEST_CASE("lucid-train: folds that were begun by rules of their own keep them") {
  const NormalizedFolds f("auto");
  REQUIRE(f.train("0", "out").code == 0);
  Json config = f.read("out/config.json");
  config["data"]["normalize"] = "auto";
  f.folder.write("out/config.json", json_text(config, 2));
  fs::remove(f / "out/normalize.json");
  REQUIRE(f.train("all", "out").code == 0);
  CHECK(normalize_of(f, "fold_1") != normalize_of(f, "fold_2"));
  CHECK(f.read("out/config.json")["data"]["normalize"] == "auto");
}

TEST_CASE("lucid-train: samples that are normalized one by one share nothing in folds") {
  const Json rule = {{"type", "zscore"}, {"per", "volume"}};
  const NormalizedFolds f(rule);
  REQUIRE(f.train("0", "out").code == 0);
  CHECK(f.read("out/config.json")["data"]["normalize"]["per"] == "volume");
  CHECK(normalize_of(f, "fold_0")["per"] == "volume");
  CHECK_FALSE(fs::exists(f / "out/normalize.json"));
}

TEST_CASE("lucid-train: folds that are killed while they begin share the same numbers") {
  const NormalizedFolds f(kCt);
  REQUIRE(f.train("all", "straight").code == 0);
  Rng rng(2, "kills");
  for (int i = 0; i < 8; ++i) {
    Program program("lucid-train", Folds::arguments("0", "out"), {.cwd = f.folder.path()});
    std::this_thread::sleep_for(std::chrono::duration<double>(rng.uniform() * 0.12));
    program.signal(SIGKILL);
    program.finish();
  }
  REQUIRE(f.train("all", "out").code == 0);
  for (const char* file : {"config.json", "normalize.json", "fold_0/config.json", "summary.json"})
    CHECK(read_text(f / (std::string("out/") + file)) ==
          read_text(f / (std::string("straight/") + file)));
}

}  // namespace lucid::test
