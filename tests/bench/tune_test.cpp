#include "bench/tune.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace lucid {
namespace {

TuneFigures tuned() {
  TuneFigures figures;
  figures.processor.vendor = "AuthenticAMD";
  figures.processor.family = 25;
  figures.processor.model = 17;
  figures.vectors = "avx2";
  figures.thresholds.push_back({"small_channel_row",
                                "small_channel",
                                {{8, 0.003, 0.002}, {16, 0.004, 0.005}, {24, 0.006, 0.006}}});
  return figures;
}

}  // namespace

TEST_CASE("a threshold is the least value from which on a route is always the fastest") {
  const auto value_of = [](std::vector<TunePoint> points) {
    return TunedThreshold{"a", "b", std::move(points)}.value();
  };
  CHECK(value_of({{8, 2, 1}, {16, 1, 2}, {24, 1, 1}}) == 16);
  CHECK(value_of({{8, 1, 2}, {16, 2, 1}, {24, 1, 2}}) == 24);
  CHECK(value_of({{8, 1, 2}, {16, 1, 2}}) == 8);
  CHECK(value_of({{8, 1, 2}, {16, 2, 1}}) == 17);
}

TEST_CASE("thresholds as text end with the row of the table") {
  CHECK(tune_text(tuned()) ==
        "thresholds in use: any processor\n"
        "threshold          value  at  route             ms  best other\n"
        "small_channel_row     16   8  small_channel  3.000       2.000\n"
        "                          16                 4.000       5.000\n"
        "                          24                 6.000       6.000\n"
        "the row of this machine:\n"
        "{\"AuthenticAMD\", 25, 17, 17, VectorSet::kAvx2,\n"
        "    {.name = \"...\",\n"
        "     .small_channel_row = 16}},\n");
  const Json json = tune_json(tuned());
  CHECK(json["thresholds"]["small_channel_row"]["value"] == 16);
  CHECK(json["thresholds"]["small_channel_row"]["points"][0]["best_other_ms"] ==
        doctest::Approx(2));
  CHECK(json["in_use"] == "any processor");
}

TEST_CASE("a threshold of this machine is measured at every point") {
  if (onednn::vector_set() == onednn::VectorSet::kPortable) return;
  Engine engine(1);
  const TuneFigures figures = measure_thresholds(engine, 0, "small_channel_row");
  REQUIRE(figures.thresholds.size() == 1);
  CHECK(figures.thresholds[0].points.size() == 12);
  for (const TunePoint& point : figures.thresholds[0].points) {
    CHECK(point.ours > 0);
    CHECK(point.other > 0);
    CHECK(std::isfinite(point.other));
  }
}

}  // namespace lucid
