#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "objective/metric/metric_values.h"
#include "support/from_text.h"

namespace lucid::test {
namespace {

struct UndefinedRow {
  const char *metric, *loss;
  std::vector<float> prediction, target;
  const char* why;
};

const std::vector<UndefinedRow> kUndefinedRows = {
    {"accuracy", "FocalLoss", {1, 2}, {-100, -100}, "no label counts: each is ignored"},
    {"auc", "FocalLoss", {1, 2}, {-100, -100}, "no label counts: each is ignored"},
    {"auc", "FocalLoss", {1, 2}, {1, 1}, "all labels that count are of one class"},
    {"auc", "FocalLoss", {1, NAN}, {1, 0}, "a prediction is NaN"},
    {"dice",
     "FocalLoss",
     {-1, -2},
     {0, 0},
     "nothing occurs or is predicted among the labels that count"},
    {"psnr",
     "MSELoss",
     {1, 2},
     {3, 3},
     "all targets are equal, so that they have no range; give data_range"},
    {"psnr",
     "MSELoss",
     {3, 3},
     {3, 3},
     "all targets are equal, so that they have no range; give data_range"},
    {"psnr", "MSELoss", {NAN, 3}, {3, 4}, "a prediction or a target is not finite"},
    {"mae", "MSELoss", {NAN, 3}, {3, 4}, "a prediction or a target is not finite"},
    {"r2", "MSELoss", {1, 2}, {3, 3}, "all targets of the channel are equal"},
    {"r2", "MSELoss", {NAN, 2}, {3, 4}, "a prediction or a target is not finite"}};

}  // namespace

TEST_CASE("a metric that is not defined says why") {
  for (const UndefinedRow& row : kUndefinedRows) {
    CAPTURE(row.metric);
    CAPTURE(row.why);
    Json config{{"type", row.loss}};
    if (std::string(row.loss) == "FocalLoss") config["sigmoid"] = true;
    const auto loss = from_json(config, "/loss", make_loss);
    const auto metric = make_metric({row.metric}, *loss, {1});
    metric->add({2, 1}, row.prediction, row.target);
    Measurements measured;
    metric->report(measured);
    CHECK(std::isnan(measured.values.at(0).second));
    REQUIRE(measured.undefined.size() == 1);
    CHECK(measured.undefined[0].name == row.metric);
    CHECK(measured.undefined[0].why == row.why);
  }
}

TEST_CASE("psnr without an error is infinite") {
  CHECK(metric_value("psnr", "MSELoss", {2, 1}, {3, 4}, {3, 4}) ==
        std::numeric_limits<double>::infinity());
}

}  // namespace lucid::test
