#include <doctest/doctest.h>

#include "support/experiment.h"
#include "support/from_text.h"

// Tests the uses of the monitored value: the best epoch, early stopping, lower learning rates.
namespace lucid {

using test::Experiment;
using test::snapshot;

TEST_CASE("early stopping waits as long as its patience") {
  Experiment experiment;
  experiment.json["train"]["epochs"] = 20;
  experiment.json["optimizer"] = {{"type", "SGD"}, {"lr", 0}};  // the first epoch stays the best
  experiment.json["train"]["early_stopping"] = {{"patience", 3}};
  const EndEvent end = experiment.train("run");
  CHECK(end.status == RunStatus::kEarlyStopping);
  CHECK(end.epoch == 4);
  CHECK(experiment.metrics("run").back()["status"] == "early_stopping");
  CHECK(experiment.resume("run", {}).epoch == 4);
}

TEST_CASE("an epoch counts as better when it gains more than min_delta") {
  Experiment experiment;
  experiment.json["train"]["epochs"] = 20;
  experiment.json["train"]["early_stopping"] = {{"patience", 2}, {"min_delta", 1000}};
  CHECK(experiment.train("run").epoch == 3);
  experiment.json["train"]["early_stopping"] = {{"patience", 2}, {"min_delta", 0}};
  CHECK(experiment.train("again").epoch > 3);
}

TEST_CASE("monitor chooses what is best") {
  Experiment experiment;
  experiment.json["train"]["epochs"] = 4;
  for (const std::string name : {"train.loss", "validation.loss", "validation.accuracy"}) {
    CAPTURE(name);
    experiment.json["train"]["monitor"] = name;
    const EndEvent end = experiment.train(name);
    CHECK(end.monitor == name);
    const auto dot = name.find('.');
    std::vector<double> values;
    for (const Json& event : experiment.metrics(name, "epoch"))
      values.push_back(event[name.substr(0, dot)][name.substr(dot + 1)]);
    CHECK(end.best ==
          (name == "validation.accuracy" ? std::ranges::max(values) : std::ranges::min(values)));
    CHECK(snapshot(experiment.best(name)).best == end.best);
  }
}

TEST_CASE("a plateau is seen in the monitored value, where more may be better") {
  Experiment experiment;
  experiment.json["train"]["epochs"] = 4;
  experiment.json["train"]["monitor"] = "validation.accuracy";
  experiment.json["optimizer"] = {{"type", "SGD"}, {"lr", 0.01}};
  experiment.json["scheduler"] = {
      {"type", "ReduceLROnPlateau"}, {"patience", 0}, {"factor", 0.5}, {"threshold", 0.999}};
  experiment.train("run");
  double rate = 0.01;
  bool has_best = false;
  double best = 0;
  for (const Json& event : experiment.metrics("run", "epoch")) {
    CHECK(event["lr"] == doctest::Approx(rate));
    const double accuracy = event["validation"]["accuracy"];
    const bool is_better = !has_best || accuracy > best * 1.999;
    best = is_better ? accuracy : best;
    has_best = true;
    if (!is_better) rate /= 2;
  }
  CHECK(rate < 0.01);
}

TEST_CASE("every number of a metric is logged, and any can be monitored") {
  Experiment experiment;
  experiment.json["metrics"] =
      parse_json(R"(["dice", {"type": "top_k", "k": 2}, "confusion"])", "a.json");
  experiment.json["train"]["monitor"] = "validation.dice_1";
  const EndEvent end = experiment.train("run");
  CHECK(end.monitor == "validation.dice_1");
  double best = 0;
  for (const Json& epoch : experiment.metrics("run", "epoch")) {
    const Json& found = epoch["validation"];
    for (const char* name : {"loss", "dice", "top_2", "dice_0", "dice_1", "dice_2"})
      CHECK(found[name].is_number());
    CHECK(found["dice"].get<double>() ==
          doctest::Approx((found["dice_1"].get<double>() + found["dice_2"].get<double>()) / 2));
    std::int64_t samples = 0;
    for (const Json& row : found["confusion"])
      for (const Json& count : row) samples += count.get<std::int64_t>();
    CHECK(samples == 7);
    best = std::max(best, found["dice_1"].get<double>());
  }
  CHECK(end.best == best);
  const std::string table = test::read_text(experiment / "run/metrics.csv");
  CHECK(
      table.starts_with("epoch,step,train_loss,validation_loss,validation_dice,validation_top_2,"
                        "validation_dice_0,validation_dice_1,validation_dice_2,lr,"));
  const std::string log = test::read_text(experiment / "run/log.txt");
  CHECK(log.find("validation.dice ") != std::string::npos);
  CHECK(log.find("validation.dice_1 ") == std::string::npos);
}

}  // namespace lucid
