#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "data/hdf5/h5_files.h"
#include "paths.h"
#include "support/experiment.h"
#include "support/run_program.h"
#include "support/wait_for_line.h"

// Tests whole runs of lucid-train: their folders, streams, signals and exit codes.
namespace lucid {
namespace {

using test::Experiment;
using test::Program;
using test::ProgramResult;
using test::snapshot;
using Words = std::vector<std::string>;

ProgramResult train(const Experiment& experiment, const Words& more, const Words& set = {}) {
  experiment.write_config();
  Words arguments{"--config", "a.json", "--threads", "1"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  for (const std::string& assignment : set)
    arguments.insert(arguments.end(), {"--set", assignment});
  return test::run_program("lucid-train", arguments, {.cwd = experiment.folder.path()});
}

// Returns the arguments of a run that would take hours.
Words endless() {
  return {"--config", "a.json", "--threads", "1", "--epochs", "1000000", "--output", "run"};
}

}  // namespace

TEST_CASE("lucid-train: results go to stdout, plain lines of progress to stderr") {
  const Experiment experiment;
  const ProgramResult result = train(experiment, {"--output", "run"});
  CHECK(result.code == 0);
  CHECK(result.out.starts_with("status finished, epochs 2, steps 6, best validation.loss "));
  CHECK(result.out.ends_with("\nrun folder run\n"));
  CHECK(result.err.starts_with("a: 211 parameters, 12 samples to train on, 7 to validate; "));
  CHECK(result.err.find("\nepoch 1/2  step 1  loss ") != std::string::npos);
  CHECK(result.err.find("\nepoch 2/2  train.loss ") != std::string::npos);
  CHECK(result.err.ends_with("\nfinished\n"));
  CHECK(result.err.find_first_of("\r\033") == std::string::npos);
  for (const std::string file : {"config.json", "log.txt", "metrics.jsonl", "metrics.csv",
                                 "checkpoints/last.h5", "checkpoints/best.h5"})
    CHECK(std::filesystem::exists(experiment / ("run/" + file)));
}

TEST_CASE("lucid-train: --quiet keeps warnings, each once") {
  const Experiment experiment;
  const ProgramResult result =
      train(experiment, {"--output", "run", "--quiet"}, {"data.validation=null"});
  CHECK(result.code == 0);
  CHECK(result.err ==
        "warning: a.json: /metrics: there is no validation set to measure accuracy on; give "
        "data.validation, or leave metrics out\n");
  CHECK(train(experiment, {"--dry-run"}, {"data.validation=null"}).err == result.err);
}

TEST_CASE("lucid-train: quiet says nothing on stderr") {
  const Experiment experiment;
  const ProgramResult result = train(experiment, {"--output", "run", "--quiet"});
  CHECK(result.code == 0);
  CHECK(result.err == "");
  CHECK(std::ranges::count(result.out, '\n') == 2);
}

TEST_CASE("lucid-train: warnings go once to stderr, also of a quiet run, and to the log") {
  Experiment experiment;
  experiment.json["data"]["validation"] = experiment.json["data"]["train"];
  const std::string warning =
      "warning: a.json: /data/validation: " + (experiment / "train.h5").string() +
      ": /volumes is in /data/train, too: 12 of 12 samples; values "
      "measured on what was learned say nothing of new data\n";
  CHECK(train(experiment, {"--output", "run", "--quiet"}).err == warning);
  CHECK(test::read_text(experiment / "run/log.txt").find(warning) != std::string::npos);
  CHECK(train(experiment, {"--dry-run"}).err == warning);
  const std::string shown = train(experiment, {"--output", "other"}).err;
  const auto at = shown.find(warning);
  CHECK(at != std::string::npos);
  CHECK(shown.find("warning: ", at + 1) == std::string::npos);
}

TEST_CASE("lucid-train: a summary stands before the results") {
  const Experiment experiment;
  const ProgramResult result = train(experiment, {"--output", "run", "--summary", "--quiet"});
  CHECK(result.code == 0);
  CHECK(result.out.starts_with("layer "));
  CHECK(result.out.find("\nmemory of a training step of 5 samples: ") != std::string::npos);
  CHECK(result.out.find("\nstatus finished, ") != std::string::npos);
}

TEST_CASE("lucid-train: a run's default folder has its name and time") {
  const Experiment experiment;
  CHECK(train(experiment, {"--epochs", "0"}).code == 0);
  CHECK(train(experiment, {"--epochs", "0"}).code == 0);
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(experiment / "runs")) {
    ++count;
    CHECK(entry.path().filename().string().starts_with("a-2"));
    CHECK(entry.path().filename().string().size() >= std::string("a-YYYYmmdd-HHMMSS").size());
  }
  CHECK(count == 2);
}

TEST_CASE("lucid-train: a run is never replaced unless it is asked to be") {
  const Experiment experiment;
  train(experiment, {"--output", "run"});
  const auto before = snapshot(experiment.last("run"));
  const ProgramResult refused = train(experiment, {"--output", "run", "--seed", "5"});
  CHECK(refused.code == 2);
  CHECK(refused.err ==
        "run: holds a run already; --overwrite replaces it, --resume goes on with it\n");
  CHECK(snapshot(experiment.last("run")) == before);
  CHECK(train(experiment, {"--output", "run", "--seed", "5", "--overwrite"}).code == 0);
  CHECK_FALSE(snapshot(experiment.last("run")) == before);
  CHECK(experiment.metrics("run", "end").size() == 1);
}

TEST_CASE("lucid-train: epochs, seed and overrides are what was trained with") {
  Experiment experiment;
  train(experiment, {"--output", "run", "--epochs", "1", "--seed", "5"}, {"optimizer.lr=1e-3"});
  const Json config = experiment.saved_config("run");
  CHECK(config["train"]["epochs"] == 1);
  CHECK(config["seed"] == 5);
  CHECK(config["optimizer"]["lr"] == 0.001);
  experiment.json["train"]["epochs"] = 1;
  experiment.json["seed"] = 5;
  experiment.json["optimizer"]["lr"] = 0.001;
  experiment.train("library");
  CHECK(snapshot(experiment.last("run")) == snapshot(experiment.last("library")));
}

TEST_CASE("lucid-train: a run's config trains the same from any folder") {
  const Experiment experiment;
  train(experiment, {"--output", "run"}, {"data.normalize=auto"});
  const ProgramResult again =
      test::run_program("lucid-train", {"--config", experiment / "run/config.json", "--threads",
                                        "1", "--output", experiment / "again"});
  CHECK(again.code == 0);
  CHECK(snapshot(experiment.last("again")) == snapshot(experiment.last("run")));
}

TEST_CASE("lucid-train: a run that diverges is exit code 4 and one line") {
  const Experiment experiment;
  const ProgramResult result =
      train(experiment, {"--output", "run", "--quiet"}, {"optimizer.lr=1e30"});
  CHECK(result.code == 4);
  CHECK(result.out == "");
  CHECK(result.err ==
        "epoch 1, step 2: the loss is nan; the first layer whose output is not finite is "
        "'linear_1'; the last good checkpoint is run/checkpoints/last.h5; a lower optimizer.lr or "
        "train.gradient_clip may help\n");
}

TEST_CASE("lucid-train: signals end a run with a checkpoint, which can be resumed") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    CAPTURE(signal);
    const Experiment experiment;
    experiment.write_config();
    Program program("lucid-train", endless(), {.cwd = experiment.folder.path()});
    test::wait_for_line(program, experiment / "run/metrics.jsonl", R"({"event":"step","epoch":2,)");
    program.signal(signal);
    const ProgramResult result = program.finish();
    CHECK(result.code == 128 + signal);
    CHECK(result.out.starts_with("status interrupted, "));
    CHECK(result.err.ends_with("\ninterrupted\n"));
    CHECK(experiment.metrics("run").back()["status"] == "interrupted");
    const auto state = snapshot(experiment.last("run"));
    CHECK(state.integers.at("step") == experiment.metrics("run").back()["step"]);
    const std::string epochs = std::to_string(state.integers.at("epoch") + 1);
    CHECK(test::run_program("lucid-train", {"--resume", "run", "--epochs", epochs},
                            {.cwd = experiment.folder.path()})
              .code == 0);
  }
}

TEST_CASE("lucid-train: six epochs straight are two, a kill in the third, and the rest") {
  Experiment experiment;
  test::write_set(experiment / "train.h5", {.count = 400});
  experiment.json["data"]["batch_size"] = 1;
  experiment.json["optimizer"] = {{"type", "Adam"}, {"lr", 0.001}};
  CHECK(train(experiment, {"--output", "straight", "--epochs", "6"}).code == 0);

  CHECK(train(experiment, {"--output", "run", "--epochs", "2"}).code == 0);
  const Words resume{"--resume", "run", "--epochs", "6", "--threads", "1"};
  Program program("lucid-train", resume, {.cwd = experiment.folder.path()});
  test::wait_for_line(program, experiment / "run/metrics.jsonl", R"({"event":"step","epoch":3,)");
  program.signal(SIGKILL);
  CHECK(program.finish().code == 128 + SIGKILL);
  CHECK(test::run_program("lucid-train", resume, {.cwd = experiment.folder.path()}).code == 0);
  CHECK(snapshot(experiment.last("run")) == snapshot(experiment.last("straight")));
  CHECK(experiment.metrics("run", "step") == experiment.metrics("straight", "step"));
  CHECK(experiment.metrics("run", "epoch").size() == 6);
}

TEST_CASE("lucid-train: a folder that cannot be written is one line and exit code 1") {
  const Experiment experiment;
  experiment.folder.write("file", "");
  const ProgramResult result = train(experiment, {"--output", "file/run", "--quiet"});
  CHECK(result.code == 1);
  CHECK(result.err == "file/run: the run's folder cannot be made: Not a directory\n");
}

TEST_CASE("lucid-train: a full disk is an error line and exit code 1, the old checkpoint stays") {
  const Experiment experiment;
  train(experiment, {"--output", "run"});
  const auto before = snapshot(experiment.last("run"));
  const std::string binary = std::string(LUCID_BINARY_DIR) + "/lucid-train";
  const ProgramResult result = test::run_program(
      "/bin/sh",
      {"-c", "trap '' XFSZ; ulimit -f 8; exec " + binary +
                 " --resume run --threads 1 --epochs 3 --set optimizer.lr=0 --quiet"},
      {.cwd = experiment.folder.path()});
  CHECK(result.code == 1);
  CHECK(result.err ==
        "warning: run/report.html: cannot be written: File too large\n"
        "run/checkpoints/last.h5: cannot be written: File too large\n");
  CHECK(experiment.metrics("run").back()["message"] ==
        "run/checkpoints/last.h5: cannot be written: File too large");
  CHECK(snapshot(experiment.last("run")) == before);
}

}  // namespace lucid
