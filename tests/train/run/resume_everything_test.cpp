#include <doctest/doctest.h>

#include "support/experiment.h"

namespace lucid {
namespace {

// Uses all that draws random numbers, keeps state between steps or accumulates over steps.
const char* const kModel = R"({
  "input": {"channels": 1, "size": 6},
  "blocks": {"unit": {
    "parameters": {"out_channels": null},
    "layers": [{"type": "Conv3D", "out_channels": "$out_channels", "kernel_size": 3, "padding": 1},
               {"type": "BatchNorm3D", "momentum": 0.3}, {"type": "ReLU"},
               {"type": "Dropout3D", "p": 0.25}]}},
  "layers": [{"type": "unit", "out_channels": 8}, {"type": "unit", "out_channels": 4},
             {"type": "Dropout", "p": 0.5}, {"type": "Linear", "out_features": 3}]
})";

const char* const kAugmentation = R"([
  {"type": "RandomFlip"}, {"type": "RandomAffine", "degrees": 20, "scales": 0.2},
  {"type": "RandomElasticDeformation", "max_displacement": 0.4, "num_control_points": 5},
  {"type": "RandomGamma"}, {"type": "RandomNoise", "std": 0.2, "p": 0.5},
  {"type": "RandomCutout", "size": 2, "p": 0.5}
])";

const char* const kTrain = R"({"epochs": 4, "log_every": 1, "accumulate": 2,
                               "ema": {"decay": 0.9}, "gradient_clip": 1})";

}  // namespace

TEST_CASE("dropout, batch norm, augmentation, accumulation and EMA: resumed anywhere, same bits") {
  test::Experiment experiment;
  experiment.json["model"] = parse_json(kModel, "model");
  experiment.json["data"]["batch_size"] = 2;
  experiment.json["data"]["augmentation"] = parse_json(kAugmentation, "augmentation");
  experiment.json["train"] = parse_json(kTrain, "train");
  experiment.train("straight");
  const auto last = test::snapshot(experiment.last("straight"));
  const auto best = test::snapshot(experiment.best("straight"));
  const auto steps = experiment.metrics("straight", "step");
  CHECK(last.integers.at("step") == 12);
  bool was_stopped = true;
  for (int questions = 1; was_stopped; questions += 2) {
    CAPTURE(questions);
    was_stopped =
        experiment.train("run", test::stop_after(questions)).status == RunStatus::kInterrupted;
    experiment.resume("run", {});
    CHECK(test::snapshot(experiment.last("run")) == last);
    CHECK(test::snapshot(experiment.best("run")) == best);
    CHECK(experiment.metrics("run", "step") == steps);
  }
}

}  // namespace lucid
