#include "graph/initialization.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "graph/model.h"
#include "layers/table/compiled_case.h"
#include "support/from_text.h"

namespace lucid {
namespace {

Graph initialized_graph(const Json& init) {
  Json json = parse_json(R"({
    "input": {"channels": 8, "size": 4},
    "layers": [
      {"type": "Conv3D", "name": "conv", "out_channels": 32, "kernel_size": 3, "groups": 2},
      {"type": "InstanceNorm3D", "name": "norm", "affine": true},
      {"type": "ConvTranspose3D", "name": "up", "out_channels": 16, "kernel_size": 2, "stride": 2},
      {"type": "Linear", "name": "last", "out_features": 40}
    ]})",
                         "a.json");
  json["init"] = init;
  return test::graph_of(json);
}

std::vector<float> values_of(const Json& init, const std::string& name, std::uint64_t seed = 3) {
  Engine engine(1);
  Model model(initialized_graph(init), engine, seed);
  return model.parameters().at(name).value.plain_values(engine);
}

double moment(const std::vector<float>& values, int power) {
  double sum = 0;
  for (const float value : values) sum += std::pow(value, power);
  return sum / static_cast<double>(values.size());
}

std::string init_error(const std::string& init) {
  return test::error_of([&] { initialized_graph(parse_json(init, "a.json")); });
}

}  // namespace

TEST_CASE("kaiming_normal draws weights from a normal distribution of He's deviation") {
  struct Row {
    const char* name;
    double fan_in;
  };
  for (const Row& row : {Row{"conv/weight", 4 * 27}, {"up/weight", 16 * 8}, {"last/weight", 1024}})
    for (const double slope : {0.01, 1.0}) {
      CAPTURE(row.name);
      CAPTURE(slope);
      const std::vector<float> values =
          values_of({{"type", "kaiming_normal"}, {"negative_slope", slope}}, row.name);
      const auto count = static_cast<double>(values.size());
      const double variance = 2 / (1 + slope * slope) / row.fan_in;
      // Five deviations of each estimate.
      CHECK(std::abs(moment(values, 1)) < 5 * std::sqrt(variance / count));
      CHECK(std::abs(moment(values, 2) / variance - 1) < 5 * std::sqrt(2 / count));
      CHECK(std::abs(moment(values, 4) / (variance * variance) - 3) < 5 * std::sqrt(96 / count));
    }
}

TEST_CASE("kaiming_normal starts biases from 0 and leaves norms alone") {
  for (const char* name : {"conv/bias", "up/bias", "last/bias", "norm/bias"})
    CHECK(std::ranges::all_of(values_of("kaiming_normal", name), [](float x) { return x == 0; }));
  CHECK(values_of("kaiming_normal", "norm/weight") == std::vector<float>(32, 1));
}

TEST_CASE("initial weights follow from seed and name, and by default are as without init") {
  const std::vector<float> he = values_of("kaiming_normal", "conv/weight");
  CHECK(values_of("kaiming_normal", "conv/weight") == he);
  CHECK(values_of({{"type", "kaiming_normal"}}, "conv/weight") == he);
  CHECK(values_of("kaiming_normal", "conv/weight", 4) != he);
  CHECK(values_of({{"type", "kaiming_normal"}, {"negative_slope", 0}}, "conv/weight") != he);
  const std::vector<float> usual = values_of(nullptr, "conv/weight");
  CHECK(usual != he);
  CHECK(values_of("default", "conv/weight") == usual);
  CHECK(values_of({{"type", "default"}}, "conv/weight") == usual);
}

TEST_CASE("an init that is none is refused") {
  CHECK(init_error("\"kaiming\"") ==
        "2: model.json: /init: expected one of default, kaiming_normal, found 'kaiming'");
  CHECK(init_error(R"({"type": "kaiming_normal", "negative_slope": -1})")
            .starts_with("2: model.json: /init/negative_slope: expected a number"));
  CHECK(init_error(R"({"type": "kaiming_normal", "a": 1})") ==
        "2: model.json: /init/a: unknown key; known: type, negative_slope");
  CHECK(init_error("3").starts_with("2: model.json: /init: expected "));
}

}  // namespace lucid
