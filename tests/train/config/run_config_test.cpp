#include <doctest/doctest.h>

#include "base/text.h"
#include "layers/registry.h"
#include "support/experiment.h"
#include "support/from_text.h"

namespace lucid {
namespace {

using test::Experiment;

// Returns the errors of the experiment after these overrides, without the folder.
std::string errors(const std::vector<std::string>& assignments) {
  Experiment experiment;
  return test::error_of([&] {
    for (const std::string& assignment : assignments) override_key(experiment.json, assignment);
    experiment.config();
  });
}

struct Row {
  std::string assignment, message;
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    INFO(row.assignment);
    CHECK(errors({row.assignment}) == "2: " + row.message);
  }
}

}  // namespace

TEST_CASE("keys of the train section are checked") {
  check(
      {{"train.epochs=-1",
        "a.json: /train/epochs: expected an integer from 0 to 1099511627776, found -1"},
       {"train.max_steps=0",
        "a.json: /train/max_steps: expected an integer from 1 to 1099511627776, found 0"},
       {"train.time_limit=0",
        "a.json: /train/time_limit: expected a number > 0 and <= 1e+09, found 0"},
       {"train.time_limit=2h",
        "a.json: /train/time_limit: expected hours or an object, found '2h'"},
       {"train.time_limit={}",
        "a.json: /train/time_limit: expected the key 'minutes' (a number > 0 and <= 1e+09), "
        "found none"},
       {"train.log_every=0.5",
        "a.json: /train/log_every: expected an integer from 1 to 1099511627776, found 0.5"},
       {"train.gradient_clip=0", "a.json: /train/gradient_clip: expected a number > 0, found 0"},
       {"train.checkpoint_every.minutes=0",
        "a.json: /train/checkpoint_every/minutes: expected a number > 0, found 0"},
       {"train.checkpoint_every=3", "a.json: /train/checkpoint_every: expected an object, found 3"},
       {"train.early_stopping.patience=0",
        "a.json: /train/early_stopping/patience: expected an integer from 1 to 1099511627776, "
        "found 0"},
       {"train.early_stopping.min_delta=-1",
        "a.json: /train/early_stopping/min_delta: expected a number >= 0, found -1"},
       {"train.monitor=validation.auc",
        "a.json: /train/monitor: expected one of validation.loss, train.loss, "
        "validation.accuracy, found 'validation.auc'"},
       {"train.weights=", "a.json: /train/weights: expected the path of a file, found ''"},
       {"train.weights=3", "a.json: /train/weights: expected a string, found 3"},
       {"train.epoch=3", "a.json: /train/epoch: unknown key; did you mean 'epochs'?"},
       {"train=3", "a.json: /train: expected an object, found 3"}});
}

TEST_CASE("keys of the other sections are checked") {
  check({{"optimizer.lrr=1", "a.json: /optimizer/lrr: unknown key; did you mean 'lr'?"},
         {"optimizer.type=Adma",
          "a.json: /optimizer/type: no optimizer 'Adma'; did you mean "
          "'Adam'? known: Adam, AdamW, RMSprop, SGD"},
         {"loss.type=CrossEntropy",
          "a.json: /loss/type: no loss 'CrossEntropy'; did you mean 'CrossEntropyLoss'? known: "
          "BCEWithLogitsLoss, CrossEntropyLoss, DiceCELoss, DiceLoss, FocalLoss, HuberLoss, "
          "L1Loss, MSELoss"},
         {"metrics=acuracy",
          "a.json: /metrics: no metric 'acuracy'; did you mean 'accuracy'? known: accuracy, auc, "
          "confusion, dice, f1, iou, mae, mse, precision, psnr, r2, recall, top_k"},
         {R"(metrics=["auc", "auc"])",
          "a.json: /metrics/1: duplicate metric 'auc'; remove one of the two"},
         {"metrics=mae",
          "a.json: /metrics: metric 'mae': expected a loss over values, such as MSELoss, found "
          "CrossEntropyLoss"},
         {"name=a/b",
          "a.json: /name: expected a name that is not empty and holds no '/', found "
          "'a/b'"},
         {"seed=-1", "a.json: /seed: expected an integer >= 0, found -1"},
         {"scheduler.type=Cosine",
          "a.json: /scheduler/type: no scheduler 'Cosine'; known: "
          "CosineAnnealingLR, ExponentialLR, LinearLR, MultiStepLR, OneCycleLR, PolynomialLR, "
          "ReduceLROnPlateau, SequentialLR, StepLR"},
         {"modle.input=1", "a.json: /modle: unknown key; did you mean 'model'?"}});
}

TEST_CASE("values of the data section are checked") {
  check({{"data.batch_size=0",
          "a.json: /data/batch_size: expected an integer from 1 to 16777216, found 0"},
         {"data.normalize=yes",
          "a.json: /data/normalize: expected null, 'auto' or an object, found 'yes'"},
         {R"(data.normalize={"type": "minmax", "low": 1})",
          "a.json: /data/normalize/low: requires \"type\": \"percentile\" or \"zscore\", found "
          "'minmax'"},
         {R"(data.normalize={"type": "percentile", "low": 60, "high": 40})",
          "a.json: /data/normalize/low: expected a percentile below 'high', found 60.0 and 40.0"},
         {R"(data.normalize={"mean": [1, 2], "std": 1})",
          "a.json: /data/normalize/mean: expected a number or 1 of them, one per channel, found 2"},
         {"data.train.axes=dwh5",
          "a.json: /data/train/axes: expected d, h and w (or z, y and x), and n and c where the "
          "dataset has them, each once, found 'dwh5'"}});
}

TEST_CASE("without a validation set only the training loss can be monitored") {
  CHECK(errors({"data.validation=null", "train.monitor=validation.loss"}) ==
        "2: a.json: /train/monitor: expected one of train.loss, found 'validation.loss'");
  Experiment experiment;
  experiment.json["data"].erase("validation");
  CHECK(experiment.config().train.monitor == "train.loss");
  experiment.train("run");
  CHECK_FALSE(experiment.metrics("run", "epoch")[0].contains("validation"));
  CHECK(test::read_text(experiment / "run/metrics.csv")
            .starts_with("epoch,step,train_loss,lr,seconds,samples_per_second,data_wait,best\n"));
}

TEST_CASE("all mistakes of a file are told at once, in the order of the sections") {
  CHECK(errors({"seed=x", "model.layers.0.type=Conv", "data.loader=3", "loss={}",
                "optimizer.lr=null", "train.epochs=x", "scheduler=3"}) ==
        "2: a.json: /seed: expected an integer >= 0, found 'x'\n"
        "a.json: /model/layers/0/type: no layer 'Conv'; known: " +
            join(layer_types(), ", ") +
            "\n"
            "a.json: /data/loader: unknown key; known: patch, train, validation, merge_labels, "
            "batch_size, "
            "shuffle, "
            "drop_last, "
            "cache_mb, workers, prefetch, normalize, augmentation, spacing, voxel_size, "
            "crop\n"
            "a.json: /loss: expected the key 'type' (a string), found none\n"
            "a.json: /optimizer/lr: expected a number >= 0, found null\n"
            "a.json: /train/epochs: expected an integer from 0 to 1099511627776, found 'x'\n"
            "a.json: /scheduler: expected an object, found 3");
}

TEST_CASE("an empty experiment lacks four sections") {
  CHECK(test::error_of([] { read_run_config(Json::object(), "a.json", ""); }) ==
        "2: a.json: /: expected the key 'model' (an object), found none\n"
        "a.json: /: expected the key 'data' (an object), found none\n"
        "a.json: /: expected the key 'loss' (an object), found none\n"
        "a.json: /: expected the key 'optimizer' (an object), found none");
  CHECK(test::error_of([] { read_run_config(Json::array({1}), "a.json", ""); }) ==
        "2: a.json: /: expected an object, found [1]");
}

TEST_CASE("files that are not there are told with the key that names them") {
  Experiment experiment;
  experiment.json["data"]["train"]["files"] = {"train.h5", "b.h5"};
  experiment.json["data"]["validation"]["files"] = "c/*.h5";
  experiment.json["train"]["weights"] = "w.h5";
  const std::string folder = experiment.folder.path().string();
  CHECK(test::error_of([&] { experiment.config(); }) ==
        "2: a.json: /data/train/files: " + folder + "/b.h5: no such file\n" +
            "a.json: /data/validation/files: " + folder + "/c/*.h5: no file matches\n" +
            "a.json: /train/weights: expected an existing file, found 'w.h5'");
}

TEST_CASE("defaults of the train section are those of the documentation") {
  Experiment experiment;
  experiment.json.erase("train");
  experiment.json["data"].erase("batch_size");
  const RunConfig config = experiment.config();
  CHECK(config.name == "a");
  CHECK(config.seed == 0);
  CHECK(config.train.epochs == 1);
  CHECK(config.train.log_every == 10);
  CHECK_FALSE(config.train.max_steps);
  CHECK_FALSE(config.train.gradient_clip);
  CHECK_FALSE(config.train.early_stopping);
  CHECK(config.train.checkpoint_every.epochs == 1);
  CHECK(config.train.checkpoint_every.minutes == 30);
  CHECK(config.train.monitor == "validation.loss");
  CHECK(config.data.batch_size == 1);
  CHECK(config.data.shuffle);
  CHECK_FALSE(config.data.drop_last);
}

TEST_CASE("the effective config is a config, from any folder, and its own effective config") {
  Experiment experiment;
  experiment.train("run");
  experiment.json["train"]["weights"] = "run/checkpoints/best.h5";
  const Json effective = experiment.config().json;
  CHECK(effective["data"]["train"]["files"] == Json({(experiment / "train.h5").string()}));
  CHECK(effective["train"]["weights"] == (experiment / "run/checkpoints/best.h5").string());
  CHECK(read_run_config(effective, "other.json", "/nowhere").json == effective);
}

TEST_CASE("an early stopping without arguments has its defaults") {
  Experiment experiment;
  experiment.json["train"]["early_stopping"] = Json::object();
  CHECK(experiment.config().train.early_stopping->patience == 10);
  CHECK(experiment.config().train.early_stopping->min_delta == 0);
}

}  // namespace lucid
