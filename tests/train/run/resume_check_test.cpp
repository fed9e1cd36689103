#include <doctest/doctest.h>

#include "data/hdf5/write.h"
#include "support/experiment.h"
#include "support/from_text.h"

// What changed since a checkpoint was saved is refused or told when the run goes on.
namespace lucid {
namespace {

using test::Experiment;
using Words = std::vector<std::string>;

Words without_folder(Words texts, const Experiment& experiment) {
  const std::string prefix = experiment.folder.path().string() + "/";
  for (std::string& text : texts)
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
      text.erase(at, prefix.size());
  return texts;
}

// Returns the error of resuming "run", or its notes.
Words resumed(Experiment& experiment, const Overrides& overrides = {.epochs = 4}) {
  const std::string error = test::error_of([&] { experiment.resume("run", overrides); });
  return without_folder(error.empty() ? experiment.notes : Words{error}, experiment);
}

const std::string kFinished =
    "the run was finished, at epoch 2, step 6: it goes on to epoch 4 with "
    "the config as changed";
const std::string kStartAnother =
    "; a run goes on with the data it began with, start a new one with --weights";

}  // namespace

TEST_CASE("a set that shrank is refused, within an epoch and between two") {
  for (const int stop : {2, 100}) {
    CAPTURE(stop);
    Experiment experiment;
    experiment.train("run", test::stop_after(stop));
    const std::string config = test::read_text(experiment / "run/config.json");
    test::write_set(experiment / "train.h5", {.count = 4});
    CHECK(resumed(experiment) == Words{"2: run/checkpoints/last.h5: the training set has changed: "
                                       "samples 12 -> 4" +
                                       kStartAnother});
    CHECK(test::read_text(experiment / "run/config.json") == config);
  }
}

TEST_CASE("another validation set is refused, unless the config names it") {
  Experiment experiment;
  experiment.train("run");
  test::write_set(experiment / "other.h5", {.count = 3});
  const std::string other = "data.validation.files=" + (experiment / "other.h5").string();
  CHECK(resumed(experiment, {.assignments = {other}, .epochs = 4}) ==
        Words{kFinished,
              "warning: the validation set has changed: samples 7 -> 3; other.h5 holds other bytes "
              "than when the checkpoint was saved; data.normalize and class weights stay as they "
              "were measured"});
  test::write_set(experiment / "other.h5", {.count = 5});
  CHECK(resumed(experiment, {.epochs = 6}) ==
        Words{"2: run/checkpoints/last.h5: the validation set has changed: samples 3 -> 5" +
              kStartAnother});
}

TEST_CASE("volumes of another size are refused, and other values told") {
  Experiment experiment;
  experiment.json["data"]["augmentation"] = {{{"type", "RandomCrop"}, {"size", 6}}};
  test::write_set(experiment / "train.h5", {.volume = {1, 7, 6, 6}});
  experiment.train("run");
  test::write_set(experiment / "train.h5", {.volume = {1, 7, 6, 6}, .seed = 5});
  CHECK(resumed(experiment) ==
        Words{kFinished,
              "warning: the training set has changed: train.h5 holds other bytes than when the "
              "checkpoint was saved; data.normalize and class weights stay as they were measured"});
  test::write_set(experiment / "train.h5", {.volume = {1, 8, 6, 6}, .seed = 5});
  CHECK(resumed(experiment, {.epochs = 6}) ==
        Words{"2: run/checkpoints/last.h5: the training set has changed: samples of 1x7x6x6 -> "
              "1x8x6x6" +
              kStartAnother});
}

TEST_CASE("a copy of the data in another folder is the same set") {
  Experiment experiment;
  experiment.train("run", test::stop_after(2));
  std::filesystem::create_directory(experiment / "copy");
  std::filesystem::rename(experiment / "train.h5", experiment / "copy/train.h5");
  CHECK(resumed(experiment, {.assignments = {"data.train.files=" +
                                             (experiment / "copy/train.h5").string()}}) == Words{});
}

TEST_CASE("within an epoch the order of the samples cannot change") {
  Experiment experiment;
  experiment.train("run", test::stop_after(1));
  const auto refusal = [&](const std::string& assignment) {
    return resumed(experiment, {.assignments = {assignment}}).front();
  };
  const std::string begin = "2: run/checkpoints/last.h5: the run stopped within an epoch with ";
  CHECK(refusal("seed=4") == begin + "seed 0, found 4; finish the epoch first");
  CHECK(refusal("data.shuffle=false") ==
        begin + "data.shuffle true, found false; finish the epoch first");
  CHECK(refusal("data.drop_last=true") ==
        begin + "data.drop_last false, found true; finish the epoch first");
}

TEST_CASE("a learning rate that jumps because the run became longer is told") {
  Experiment experiment;
  experiment.json["optimizer"] = {{"type", "SGD"}, {"lr", 1}};
  experiment.json["scheduler"] = {{"type", "CosineAnnealingLR"}};
  experiment.train("run");
  const std::string end =
      ") and the scheduler spans all of it; T_max, total_iters or total_steps "
      "of the scheduler keep its length";
  CHECK(resumed(experiment) ==
        Words{kFinished,
              "warning: the learning rate goes from 0.5 to 0.5, because the run became longer "
              "(train.epochs 2 -> 4" +
                  end});
  experiment.json["scheduler"] = {{"type", "OneCycleLR"}, {"cycle_momentum", false}};
  std::filesystem::remove_all(experiment / "run");
  experiment.train("run", test::stop_after(4));
  const Words shorter = resumed(experiment, {.assignments = {"train.max_steps=5"}});
  REQUIRE(shorter.size() == 1);
  CHECK(shorter.front().find(", because the run became shorter (train.max_steps none -> 5" + end) !=
        std::string::npos);
  CHECK(resumed(experiment, {.assignments = {"train.max_steps=null", "scheduler.total_steps=6"}})
            .size() == 1);
}

TEST_CASE("another number of steps an epoch stretches a schedule in steps") {
  Experiment experiment;
  experiment.json["scheduler"] = {{"type", "CosineAnnealingLR"}, {"unit", "step"}};
  experiment.json["train"] = {{"epochs", 4}, {"max_steps", 3}};
  experiment.train("run");
  const Words notes =
      resumed(experiment, {.assignments = {"data.batch_size=2", "train.max_steps=null"}});
  REQUIRE(notes.size() == 2);
  CHECK(notes.back().find("because the run became longer (train.max_steps 3 -> none, steps of an "
                          "epoch 3 -> 6)") != std::string::npos);
}

TEST_CASE("a finished run says that nothing is left, and that overrides change nothing") {
  Experiment experiment;
  experiment.train("run");
  const std::string begin =
                        "warning: the run is finished, at epoch 2, step 6: nothing is left to "
                        "train",
                    end = "; a larger train.epochs goes on with it";
  CHECK(resumed(experiment, {}) == Words{begin + end});
  CHECK(resumed(experiment, {.assignments = {"optimizer.lr=1"}}) ==
        Words{begin + " and what was changed in its config has no effect" + end});
  CHECK(resumed(experiment, {.epochs = 3}).size() == 1);
}

TEST_CASE("a run that goes on with other threads says that its bits will differ") {
  Experiment experiment;
  experiment.train("run", test::stop_after(2));
  const CheckpointFile checkpoint(experiment.last("run"));
  Session session(read_resumed_config(checkpoint, "", {}), 2);
  const RunFolder folder(experiment / "run");
  const Words notes = Trainer(session, folder, Experiment::never).resume(checkpoint);
  REQUIRE(notes.size() == 1);
  CHECK(notes.front().starts_with("warning: the run was computed by lucid "));
  CHECK(notes.front().find(", 1 thread, now by lucid ") != std::string::npos);
  CHECK(
      notes.front().ends_with(", 2 threads: the last bits of its results will differ from those "
                              "of a run that did not change"));
}

}  // namespace lucid
