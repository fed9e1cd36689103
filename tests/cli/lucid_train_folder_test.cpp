#include <doctest/doctest.h>

#include "cli/results.h"
#include "paths.h"
#include "support/experiment.h"
#include "support/run_program.h"

// Tests what lucid-train does with the files of its folder, and with those of others.
namespace lucid {
namespace {

using test::Experiment;
using test::ProgramResult;
using test::snapshot;
using Words = std::vector<std::string>;

ProgramResult train_into(const Experiment& experiment, const Words& more) {
  experiment.write_config();
  Words arguments{"--config", "a.json", "--threads", "1"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return test::train_in(experiment.folder, arguments);
}

}  // namespace

TEST_CASE("lucid-train: an earlier run stays whole until the new one is saved") {
  const Experiment experiment;
  train_into(experiment, {"--output", "run"});
  const auto content = [&] {
    std::vector<std::string> all;
    for (const char* file : {"config.json", "log.txt", "metrics.jsonl", "metrics.csv",
                             "checkpoints/last.h5", "checkpoints/best.h5"})
      all.push_back(test::read_text(experiment / "run" / file));
    return all;
  };
  const auto before = content();
  const std::string binary = std::string(LUCID_BINARY_DIR) + "/lucid-train";
  const ProgramResult full = test::run_program(
      "/bin/sh",
      {"-c", "ulimit -f 8; exec " + binary + " --config a.json --output run --overwrite --quiet"},
      {.cwd = experiment.folder.path()});
  CHECK(full.code == 1);
  CHECK(full.err == "run/checkpoints/last.h5: cannot be written: File too large\n");
  CHECK(content() == before);
  CHECK(train_into(experiment, {"--output", "run", "--overwrite", "--epochs", "0"}).code == 0);
  CHECK_FALSE(std::filesystem::exists(experiment.best("run")));
  CHECK(experiment.metrics("run").size() == 1);
}

// As if it had been killed just after its first checkpoint took the place of the earlier run's.
TEST_CASE("lucid-train: a run that has not begun goes on without the history of another") {
  const Experiment experiment;
  train_into(experiment, {"--output", "run"});
  train_into(experiment, {"--output", "straight", "--seed", "7"});
  train_into(experiment, {"--output", "new", "--seed", "7", "--epochs", "0"});
  std::filesystem::copy(experiment.last("new"), experiment.last("run"),
                        std::filesystem::copy_options::overwrite_existing);
  const Words resume{"--resume", "run", "--epochs", "2", "--threads", "1", "--quiet"};
  CHECK(test::run_program("lucid-train", resume, {.cwd = experiment.folder.path()}).code == 0);
  CHECK(snapshot(experiment.last("run")) == snapshot(experiment.last("straight")));
  CHECK(experiment.metrics("run", "step") == experiment.metrics("straight", "step"));
  CHECK(experiment.metrics("run", "epoch").size() == 2);
}

TEST_CASE("lucid-train: a run does not replace what it is made of") {
  const Experiment experiment;
  train_into(experiment, {"--output", "run"});
  const auto error = [&](const Words& more) {
    Words words{"--output", "run", "--overwrite", "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    return train_into(experiment, words).err;
  };
  CHECK(error({"--weights", "run/checkpoints/best.h5"}) ==
        "run/checkpoints/best.h5: expected another folder for the run, found the weights\n");
  std::filesystem::remove(experiment / "run/measured.h5");
  std::filesystem::create_hard_link(experiment / "train.h5", experiment / "run/measured.h5");
  CHECK(error({}) ==
        "run/measured.h5: expected another folder for the run, found the training set\n");
  const ProgramResult result = test::run_program(
      "lucid-train", {"--config", "run/config.json", "--output", "run", "--overwrite", "--quiet"},
      {.cwd = experiment.folder.path()});
  CHECK(result.err ==
        "run/config.json: expected another folder for the run, found the experiment file\n");
}

TEST_CASE("lucid-train: metrics that cannot be read are not taken for none") {
  const Experiment experiment;
  train_into(experiment, {"--output", "run"});
  std::filesystem::rename(experiment / "run/metrics.jsonl", experiment / "kept");
  std::filesystem::create_symlink("/proc/self/mem", experiment / "run/metrics.jsonl");
  const Words resume{"--resume", "run", "--epochs", "3", "--quiet"};
  const auto result = test::run_program("lucid-train", resume, {.cwd = experiment.folder.path()});
  CHECK(result.code == 1);
  CHECK(result.err == "run/metrics.jsonl: cannot be read: Input/output error\n");
}

TEST_CASE("lucid-train: a run that another process writes is left alone") {
  const Experiment experiment;
  train_into(experiment, {"--output", "run"});
  const RunLock lock = RunFolder(experiment / "run").lock();
  const std::string busy =
      "run: another process is training this run; wait for its end, or choose another folder with "
      "--output\n";
  CHECK(train_into(experiment, {"--output", "run", "--overwrite"}).err == busy);
  CHECK(test::run_program("lucid-train", {"--resume", "run"}, {.cwd = experiment.folder.path()})
            .err == busy);
  CHECK(train_into(experiment, {"--output", "run", "--overwrite", "--dry-run"}).code == 0);
}

TEST_CASE("lucid-train: what killed processes left goes away") {
  const Experiment experiment;
  train_into(experiment, {"--output", "run"});
  experiment.folder.write("run/checkpoints/last.h5.unfinished-999999999", "half");
  experiment.folder.write("run/config.json.unfinished-999999999", "half");
  CHECK(test::run_program("lucid-train", {"--resume", "run", "--epochs", "3"},
                          {.cwd = experiment.folder.path()})
            .code == 0);
  for (const auto& file : std::filesystem::recursive_directory_iterator(experiment / "run"))
    CHECK(file.path().string().find("unfinished") == std::string::npos);
}

TEST_CASE("lucid-train: a stdout that is closed does not end training") {
  const Experiment experiment;
  experiment.write_config();
  const std::string binary = std::string(LUCID_BINARY_DIR) + "/lucid-train";
  for (const std::string closed : {" >&-", " | true"}) {
    CAPTURE(closed);
    const ProgramResult result = test::run_program(
        "/bin/sh", {"-c", binary + " --config a.json --output run --overwrite --quiet" + closed},
        {.cwd = experiment.folder.path()});
    CHECK(result.err == "standard output: cannot be written\n");
    CHECK(experiment.metrics("run").back()["status"] == "finished");
  }
}

TEST_CASE("lucid-train: results that stdout does not take are exit code 1") {
  const Experiment experiment;
  experiment.write_config();
  const ProgramResult result =
      test::run_program("lucid-train", {"--config", "a.json", "--dry-run"},
                        {.cwd = experiment.folder.path(), .stdout_to = "/dev/full"});
  CHECK(result.code == 1);
  CHECK(result.err == "standard output: cannot be written\n");
}

}  // namespace lucid
