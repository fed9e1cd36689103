#include "train_progress.h"

#include "base/text.h"
#include "json_progress.h"
#include "support/experiment.h"
#include "support/run_program.h"
#include "support/terminal.h"

namespace lucid {
namespace {

using test::Experiment;
using test::on_terminal;
using test::ProgramResult;

TrainStatus some_status() {
  return {.epoch = 3,
          .epochs = 20,
          .step = 920,
          .batch = 120,
          .batches = 400,
          .loss = 0.12344,
          .samples_per_second = 210.4,
          .epoch_seconds_left = 12.3,
          .run_seconds_left = 3725,
          .monitor = "validation.dice",
          .last = 0.8123,
          .best = 0.8301,
          .others = {{"validation.loss", 0.25}}};
}

StepEvent step_event(std::int64_t step, std::int64_t batch) {
  return {
      .epoch = 2, .step = step, .batch = batch, .loss = 0.5F, .lr = 0.1, .samples_per_second = 8};
}

EpochEvent epoch_event() {
  EpochEvent event{};
  event.epoch = 2;
  event.step = 8;
  event.train_loss = 0.5;
  event.validation.values = {{"loss", 0.25}, {"dice", 0.75}};
  event.best = true;
  return event;
}

BeginEvent begin_event() {
  BeginEvent event;
  event.epochs = 3;
  event.batches = 4;
  event.steps = 12;
  event.monitor = "validation.dice";
  return event;
}

// The JSON objects that a program wrote to stderr; every line has to be one.
std::vector<Json> objects(const std::string& text) {
  std::vector<Json> found;
  for (const std::string& line : split(text, '\n'))
    if (!line.empty()) found.push_back(parse_json(line, "stderr"));
  return found;
}

ProgramResult train_briefly(const Experiment& experiment, std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--config", "a.json", "--threads", "1"});
  experiment.write_config();
  return test::run_program("lucid-train", arguments, {.cwd = experiment.folder.path()});
}

}  // namespace

TEST_CASE("the line about a running epoch drops the less important parts first") {
  const TrainStatus status = some_status();
  CHECK(status_line(status, 160) ==
        "epoch 3/20 [=======                 ]  120/400  loss 0.1234  validation.dice 0.8123  "
        "best 0.8301  validation.loss 0.2500  210 samples/s  ETA 0:12  run 1:02:05");
  CHECK(status_line(status, 120) ==
        "epoch 3/20 [===       ]  120/400  loss 0.1234  validation.dice 0.8123  best 0.8301  "
        "210 samples/s  ETA 0:12  run 1:02:05");
  CHECK(status_line(status, 79) ==
        "epoch 3/20  120/400  loss 0.1234  validation.dice 0.8123  ETA 0:12  run 1:02:05");
  CHECK(status_line(status, 59) == "epoch 3/20  120/400  loss 0.1234  best 0.8301  run 1:02:05");
  CHECK(status_line(status, 39) == "epoch 3/20  120/400  run 1:02:05");
  CHECK(status_line(status, 12) == "epoch 3/20");
  CHECK(status_line(status, 3).empty());
}

TEST_CASE("the line about a running epoch takes no more columns than there are") {
  for (std::size_t columns = 0; columns < 200; ++columns)
    CHECK(display_width(status_line(some_status(), columns)) <= columns);
}

TEST_CASE("what is not known of an epoch is left out") {
  CHECK(status_line({.epochs = 2, .step = 7, .loss = 1}, 200) == "epoch 1/2  step 7  loss 1.0000");
  TrainStatus last = some_status();
  last.epochs = 1;  // the end of the epoch is that of the run
  CHECK(status_line(last, 200).ends_with("ETA 0:12"));
}

TEST_CASE("a terminal shows values of the last epoch and the best one") {
  const std::string drawn = on_terminal(120, "xterm", [] {
    TrainProgress progress(10, TrainProgress::Kind::kDrawn);
    progress.plan(begin_event());
    progress.epoch(epoch_event());
    EpochEvent worse = epoch_event();
    worse.best = false;
    worse.validation.values[1].second = 0.5;
    progress.remember(worse);
    progress.step(step_event(9, 4));  // the last batch of an epoch is drawn whatever the time
  });
  CHECK(
      drawn.find("epoch 2/3  train.loss 0.5000  validation.loss 0.2500  validation.dice 0.7500") !=
      std::string::npos);
  const std::string line = drawn.substr(drawn.rfind("\033[K") + 3);
  CHECK(line ==
        "epoch 2/3 [=============]  4/4  loss 0.5000  validation.dice 0.5000  "
        "best 0.7500  validation.loss 0.2500  8.0 samples/s");
}

TEST_CASE("a run that goes on shows the best value so far") {
  const std::string drawn = on_terminal(120, "xterm", [] {
    TrainProgress progress(10, TrainProgress::Kind::kDrawn);
    BeginEvent event = begin_event();
    event.has_best = true;
    event.best = 0.875;
    progress.plan(event);
    progress.step(step_event(9, 4));
  });
  CHECK(drawn.find("best 0.8750") != std::string::npos);
}

TEST_CASE("plain progress is lines on a terminal, too") {
  const std::string drawn = on_terminal(80, "xterm", [] {
    TrainProgress progress(2, TrainProgress::Kind::kLines);
    progress.plan(begin_event());
    for (std::int64_t step = 1; step <= 4; ++step) progress.step(step_event(step, step));
  });
  CHECK(drawn == "epoch 2/3  step 2  loss 0.5\r\nepoch 2/3  step 4  loss 0.5\r\n");
}

TEST_CASE("lucid-train: --progress json writes an object a line") {
  const Experiment experiment;
  const ProgramResult result = train_briefly(experiment, {"--output", "r", "--progress", "json"});
  CHECK(result.code == 0);
  const std::vector<Json> events = objects(result.err);
  REQUIRE(events.size() >= 6);
  CHECK(events.front()["event"] == "begin");
  CHECK(events.front()["epochs"] == 2);
  CHECK(events.front()["batches"] == 3);
  CHECK(events.front()["steps"] == 6);
  CHECK(events.front()["monitor"] == "validation.loss");
  CHECK(events.front()["best"].is_null());
  CHECK(events[1]["event"] == "step");
  CHECK(events[1]["batch"] == 1);
  std::vector<Json> epochs;
  for (const Json& event : events)
    if (event["event"] == "epoch") epochs.push_back(event);
  CHECK(epochs == experiment.metrics("r", "epoch"));
  CHECK(events.back() == experiment.metrics("r", "end").front());
}

TEST_CASE("lucid-train: a note is an object, too, and a resumed run tells its best value") {
  const Experiment experiment;
  REQUIRE(train_briefly(experiment, {"--output", "r", "--until-epoch", "1"}).code == 0);
  const ProgramResult result =
      test::run_program("lucid-train", {"--resume", "r", "--progress", "json", "--threads", "2"},
                        {.cwd = experiment.folder.path()});
  const std::vector<Json> events = objects(result.err);
  REQUIRE(events.size() >= 4);
  CHECK(events[0]["event"] == "note");
  CHECK(events[0]["text"].get<std::string>().find("thread") != std::string::npos);
  CHECK(events[1]["event"] == "begin");
  CHECK(events[1]["epoch"] == 2);
  CHECK(events[1]["best"] == experiment.metrics("r", "epoch")[0]["validation"]["loss"]);
}

TEST_CASE("lucid-train: progress is lines where there is no terminal, or none") {
  const Experiment experiment;
  CHECK(train_briefly(experiment, {"--output", "r", "--progress", "none"}).err == "");
  CHECK(train_briefly(experiment, {"--output", "q", "--quiet"}).err == "");
  for (const std::vector<std::string>& kind :
       {std::vector<std::string>{"--progress", "plain"}, {"--progress", "bar"}, {}}) {
    std::vector<std::string> arguments{"--output", "p", "--overwrite"};
    arguments.insert(arguments.end(), kind.begin(), kind.end());
    const std::string lines = train_briefly(experiment, arguments).err;
    CHECK(lines.find("\nepoch 1/2  step 1  loss ") != std::string::npos);
    CHECK(lines.find("\nepoch 2/2  train.loss ") != std::string::npos);
    CHECK(lines.find('\r') == std::string::npos);
  }
}

}  // namespace lucid
