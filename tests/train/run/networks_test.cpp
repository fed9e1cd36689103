#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "paths.h"
#include "support/golden.h"
#include "train/run/drawn_run.h"

// Compares narrow, small versions of the networks in configs/ with PyTorch
// (golden/make_networks.py).
namespace lucid {
namespace {

constexpr double kRelative = 1e-4;  // of a loss, after up to 20 steps in single precision

// Divides the channels where there are enough, and removes dropout, whose masks differ from
// PyTorch's.
void make_small(Json& layers, const Json& row) {
  constexpr std::int64_t kWide = 16;
  for (Json& layer : layers) {
    if (layer.contains("p")) layer["p"] = 0;
    if (!layer.contains("out_channels") || !layer["out_channels"].is_number()) continue;
    const auto channels = layer["out_channels"].get<std::int64_t>();
    if (channels >= kWide)
      layer["out_channels"] = channels / row.at("channel_divisor").get<std::int64_t>();
  }
}

Json small_config(const Json& row) {
  const auto name = row.at("config").get<std::string>();
  Json config = read_json_file(LUCID_SOURCE_DIR "/configs/" + name + ".json");
  config["model"]["input"]["size"] = row.at("size");
  config["optimizer"] = row.at("optimizer");
  make_small(config["model"]["layers"], row);
  return config;
}

}  // namespace

TEST_CASE("twenty training steps of whole networks have PyTorch's losses") {
  for (const Json& row : test::read_golden("networks.json")) {
    CAPTURE(row.at("config"));
    const auto expected = row.at("losses").get<std::vector<double>>();
    const test::DrawnRun run = test::drawn_run(small_config(row), row.at("batch"), expected.size());
    const double worst = test::worst_relative(run.losses, expected);
    MESSAGE(row.at("config").get<std::string>(), ": worst relative difference ", worst);
    CHECK(worst <= kRelative);
  }
}

}  // namespace lucid
