#include <doctest/doctest.h>

#include "support/event_reader.h"
#include "support/experiment.h"
#include "support/run_content.h"
#include "support/run_program.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using test::EventValue;
using test::Experiment;

struct EventsRun {
  EventsRun() {
    experiment.json["train"]["epochs"] = 4;
    experiment.json["train"]["log_every"] = 1;
    experiment.json["train"]["tensorboard"] = {{"histograms_every", 1}};
    experiment.write_config();
  }
  int train(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--threads", "1", "--quiet"});
    return test::run_program("lucid-train", arguments, {.cwd = experiment.folder.path()}).code;
  }
  int begin(const std::string& name, std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", "a.json", "--output", name});
    return train(arguments);
  }
  // What TensorBoard shows of a run but for times and how it was started: tag by tag, as it draws
  // curves.
  std::vector<EventValue> shown(const std::string& name) const {
    std::vector<EventValue> values = test::kept_values(experiment / name);
    std::erase_if(values, [](const EventValue& value) {
      return value.tag.starts_with("speed/") || value.tag.starts_with("_hparams_/");
    });
    std::ranges::stable_sort(values, {}, &EventValue::step);
    return values;
  }
  std::size_t files(const std::string& name) const {
    return RunFolder(experiment / name).event_files().size();
  }
  Experiment experiment;
};

}  // namespace

TEST_CASE("lucid-train: TensorBoard shows a resumed run as one that was never stopped") {
  const EventsRun run;
  REQUIRE(run.begin("whole", {}) == 0);
  REQUIRE(run.begin("stopped", {"--until-epoch", "1"}) == 0);
  const std::string checkpoint = test::read_text(run.experiment.last("stopped"));
  REQUIRE(run.train({"--resume", "stopped", "--until-epoch", "3"}) == 0);
  // A crash takes the run back to its last checkpoint, and cuts the last event.
  run.experiment.folder.write("stopped/checkpoints/last.h5", checkpoint);
  const fs::path last = RunFolder(run.experiment / "stopped").event_files().back();
  fs::resize_file(last, fs::file_size(last) - 3);
  REQUIRE(run.train({"--resume", "stopped"}) == 0);
  CHECK(run.files("stopped") == 3);
  CHECK(run.shown("whole").size() > 50);
  CHECK(run.shown("stopped") == run.shown("whole"));
}

TEST_CASE("lucid-train: a run that begins anew has no events of the one before") {
  const EventsRun run;
  REQUIRE(run.begin("r", {}) == 0);
  REQUIRE(run.train({"--resume", "r", "--epochs", "5"}) == 0);
  CHECK(run.files("r") == 2);
  REQUIRE(run.begin("r", {"--overwrite"}) == 0);
  CHECK(run.files("r") == 1);
  REQUIRE(run.begin("r", {"--overwrite", "--set", "train.tensorboard=false"}) == 0);
  CHECK(run.files("r") == 0);
}

TEST_CASE("lucid-train: --tensorboard leaves the results of a run as they are") {
  EventsRun run;
  run.experiment.json["train"].erase("tensorboard");
  run.experiment.write_config();
  REQUIRE(run.begin("with", {"--tensorboard"}) == 0);
  REQUIRE(run.begin("without", {}) == 0);
  CHECK(run.files("with") == 1);
  CHECK(run.files("without") == 0);
  CHECK(run.experiment.saved_config("with")["train"]["tensorboard"] == true);
  test::RunContent with = test::run_content(run.experiment / "with");
  std::erase_if(with.files, [](const std::string& file) { return file.starts_with("events."); });
  CHECK(test::difference(test::run_content(run.experiment / "without"), with) == "");
}

TEST_CASE("lucid-train: --tensorboard keeps the options that the file has") {
  const EventsRun run;
  REQUIRE(run.begin("r", {"--tensorboard"}) == 0);
  CHECK(run.experiment.saved_config("r")["train"]["tensorboard"]["histograms_every"] == 1);
}

}  // namespace lucid
