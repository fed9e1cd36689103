#include "bench/alternatives.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/temp_dir.h"
#include "tensor/onednn.h"

namespace lucid {
namespace {

constexpr const char* kConfig =
    R"({"model": {"input": {"channels": 1, "size": [4, 4, 40]}, "layers": [
    {"type": "Conv3D", "out_channels": 8, "kernel_size": 3, "padding": 1}, {"type": "ReLU"},
    {"type": "Conv3D", "name": "last", "out_channels": 8, "kernel_size": 3, "padding": 1}]},
  "loss": {"type": "MSELoss"}, "optimizer": {"type": "SGD", "lr": 0.1}})";

}  // namespace

TEST_CASE("every weight gradient is timed by the routes that were not chosen") {
  const test::TempDir folder;
  Engine engine(1);
  const auto all = measure_alternatives(folder.write("a.json", kConfig), engine,
                                        {.repetition = {.repeats = 2, .seconds = 0}},
                                        {"", "", {{"AVX2", 1e11}}, {1e10, 5e9}});
  REQUIRE(all.size() == 2);
  CHECK(all[0].layer == "last");
  CHECK(all[1].layer == "conv3d_1");
  for (const AlternativesFigures& row : all) {
    CHECK(row.chosen.seconds > 0);
    CHECK(row.chosen.implementation.starts_with("lucid"));
    REQUIRE_FALSE(row.others.empty());
    for (const AlternativeFigures& other : row.others) {
      CHECK(other.seconds > 0);
      CHECK(other.implementation != row.chosen.implementation);
    }
  }
}

TEST_CASE("a table of alternatives names a layer once") {
  const std::vector<AlternativesFigures> rows = {
      {"conv", {"lucid", 0.001}, {{"gemm", 0.004}, {"padded in depth, jit", 0.002}}},
      {"last", {"jit", 0.003}, {}}};
  CHECK(alternatives_table(rows) ==
        "weight gradient of  chosen     ms  instead of               ms\n"
        "conv                lucid   1.000  gemm                  4.000\n"
        "                                   padded in depth, jit  2.000\n"
        "last                jit     3.000\n");
  const Json json = alternatives_json(rows);
  CHECK(json[0]["chosen"]["ms"] == doctest::Approx(1));
  CHECK(json[0]["others"][1]["implementation"] == "padded in depth, jit");
}

}  // namespace lucid
