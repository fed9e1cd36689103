#include <doctest/doctest.h>
#include <sys/file.h>

#include <nlohmann/json.hpp>

#include "base/folder_lock.h"
#include "runs/comparison.h"
#include "runs/listing.h"
#include "support/experiment.h"
#include "support/temp_dir.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

std::string epoch_line(int epoch, double loss, double dice, bool is_best) {
  return json_text(Json{{"event", "epoch"},
                        {"epoch", epoch},
                        {"step", 4 * epoch},
                        {"train", {{"loss", loss}}},
                        {"validation", {{"loss", loss + 1}, {"dice", dice}, {"dice_1", nullptr}}},
                        {"lr", 0.5},
                        {"seconds", 30},
                        {"samples_per_second", 8},
                        {"data_wait", 0},
                        {"best", is_best}}) +
         "\n";
}

const std::string kStep = R"({"event":"step","epoch":1,"step":4,"loss":1,"lr":0.5})"
                          "\n";
const std::string kEnd = R"({"event":"end","status":"finished","epoch":2,"step":8})"
                         "\n";

// Writes the folder of a run of four epochs that monitors a metric.
struct Folder {
  void write(const std::string& name, double lr, const std::string& log,
             const std::string& monitor = "validation.dice") {
    fs::create_directories(folder / name);
    folder.write(name + "/config.json",
                 json_text(Json{{"name", name},
                                {"metrics", {"dice"}},
                                {"optimizer", {{"lr", lr}, {"betas", {0.5, 0.5}}}},
                                {"train", {{"epochs", 4}, {"monitor", monitor}}}}));
    folder.write(name + "/metrics.jsonl", log);
  }
  Run run(const std::string& name) const { return read_run(folder / name); }
  std::vector<Run> runs() const { return find_runs({folder.path()}).runs; }
  test::TempDir folder;
};

}  // namespace

TEST_CASE("a run is read as its log tells it, and goes on where the log does") {
  Folder f;
  f.write("a", 0.1, kStep + epoch_line(1, 2, 0.25, true) + epoch_line(2, 1, 0.5, true) + kEnd);
  const Run run = f.run("a");
  CHECK(run.state == "finished");
  REQUIRE(run.epochs.size() == 2);
  CHECK(run.epochs[1].at("train.loss") == 1);
  CHECK(run.epochs[1].at("validation.loss") == 2);
  CHECK(std::isnan(*run.epochs[1].at("validation.dice_1")));
  CHECK(run.epochs[1].at("lr") == 0.5);
  CHECK_FALSE(run.epochs[1].at("validation.iou"));
  CHECK(run.best()->epoch == 2);
  CHECK(run.best_value() == 0.5);
  CHECK(run.seconds() == 60);
  CHECK(run.planned_epochs() == 4);
  CHECK(run.higher_is_better());
  f.write("a", 0.1, epoch_line(1, 2, 0.5, true) + kEnd + epoch_line(2, 1, 0.25, false));
  CHECK(f.run("a").state == "stopped");
  CHECK(f.run("a").best()->epoch == 1);
}

TEST_CASE("the last line of a log may be half written, no other") {
  Folder f;
  f.write("a", 0.1, epoch_line(1, 2, 0.5, true) + R"({"event":"epo)");
  CHECK(f.run("a").epochs.size() == 1);
  CHECK(f.run("a").state == "stopped");
  f.write("a", 0.1, kStep + "{}\n" + epoch_line(1, 2, 0.5, true));
  const std::string file = (f.folder / "a/metrics.jsonl").string();
  CHECK_THROWS_WITH_AS(f.run("a"), (file + ":2: expected an event of a run, found '{}'").c_str(),
                       Error);
}

TEST_CASE("a run is running while its folder is locked, and asking locks nobody out") {
  Folder f;
  f.write("a", 0.1, epoch_line(1, 2, 0.5, true));
  const FolderLock::Texts texts{"cannot be made", "is busy"};
  {
    const FolderLock lock(f.folder / "a", texts);
    CHECK(f.run("a").state == "running");
    CHECK_THROWS_AS(FolderLock(f.folder / "a", texts), Error);
  }
  CHECK(f.run("a").state == "stopped");
  CHECK_FALSE(FolderLock::is_held(f.folder / "nowhere"));
}

TEST_CASE("runs are found at any depth, damaged and foreign folders are named") {
  Folder f;
  f.write("sweep/b", 0.1, kEnd);
  f.write("a", 0.1, kEnd);
  f.write("damaged", 0.1, "no event\n");
  fs::create_directories(f.folder / "foreign/inside/deep");
  fs::create_directory_symlink(f.folder / "a", f.folder / "link");
  const FoundRuns found = find_runs({f.folder.path()});
  REQUIRE(found.runs.size() == 2);
  CHECK(found.runs[0].folder == f.folder / "a");
  CHECK(found.runs[1].folder == f.folder / "sweep/b");
  REQUIRE(found.passed_over.size() == 2);
  CHECK(found.passed_over[0].folder == f.folder / "damaged");
  CHECK(found.passed_over[1].folder == f.folder / "foreign");
  CHECK(find_runs({f.folder / "a"}).runs.size() == 1);
  CHECK(find_runs({f.folder / "foreign"}).passed_over.size() == 1);
  CHECK_THROWS_AS(find_runs({f.folder / "nowhere"}), Error);
}

TEST_CASE("a list is sorted by what was asked for, what has no value last") {
  Folder f;
  f.write("a", 0.25, epoch_line(1, 2, 0.5, true));
  f.write("b", 0.125, epoch_line(1, 2, 0.75, true) + epoch_line(2, 2, 0.5, false) + kEnd);
  f.write("c", 0.5, "");
  const auto order = [&](const std::string& by, bool is_reversed = false) {
    std::string names;
    for (const Json& row : RunListing(f.runs(), by, is_reversed).json())
      names += row["name"].get<std::string>();
    return names;
  };
  CHECK(order("best") == "bac");
  CHECK(order("best", true) == "cab");
  CHECK(order("name") == "abc");
  CHECK(order("epoch") == "cab");
  CHECK(order("seconds") == "cab");
  CHECK(order("state") == "bac");
  CHECK(order("optimizer.lr") == "bac");
  CHECK_THROWS_WITH_AS(order("optimizer.l"),
                       "--sort: no column 'optimizer.l'; did you mean 'optimizer.lr'? known: best, "
                       "name, epoch, seconds, state, optimizer.lr",
                       Error);
  f.write("d", 0.5, epoch_line(1, 0.5, 0, true), "train.loss");
  f.write("e", 0.5, epoch_line(1, 0.25, 0, true), "train.loss");
  CHECK(order("best") == "edbac");
}

TEST_CASE("a list tells the same as a table, as CSV and as JSON") {
  Folder f;
  f.write("a", 0.25, epoch_line(1, 2, 0.5, true));
  f.write("b", 0.125, epoch_line(1, 2, 0.75, true) + kEnd);
  std::vector<Run> runs = f.runs();
  for (Run& run : runs) run.folder = run.folder.filename();
  const RunListing listing(std::move(runs), "best", false);
  CHECK(listing.table() == R"(run  state     epoch  validation.dice  in epoch  time    optimizer.lr
b    finished  1/4             0.7500         1  30.0 s         0.125
a    stopped   1/4             0.5000         1  30.0 s          0.25
)");
  CHECK(listing.csv() ==
        R"(run,state,epoch,epochs,monitor,best,best_epoch,seconds,optimizer.lr
b,finished,1,4,validation.dice,0.75,1,30,0.125
a,stopped,1,4,validation.dice,0.5,1,30,0.25
)");
  CHECK(listing.json()[1] == Json{{"run", "a"},
                                  {"name", "a"},
                                  {"state", "stopped"},
                                  {"epoch", 1},
                                  {"epochs", 4},
                                  {"monitor", "validation.dice"},
                                  {"best", 0.5},
                                  {"best_epoch", 1},
                                  {"seconds", 30.0},
                                  {"differs", {{"optimizer.lr", 0.25}}}});
}

TEST_CASE("a comparison has what differs, and curves thinned to so many rows") {
  Folder f;
  std::string log;
  for (int epoch = 1; epoch <= 9; ++epoch) log += epoch_line(epoch, 10 - epoch, 0.5, epoch == 4);
  f.write("a", 0.25, log);
  f.write("b", 0.125, epoch_line(1, 2, 0.75, true) + kEnd);
  std::vector<Run> runs = f.runs();
  for (Run& run : runs) run.folder = run.folder.filename();
  const RunComparison comparison(runs, {"train.loss"});
  CHECK(comparison.text(3) == R"(    run  state     best                    in epoch
#1  a    stopped   validation.dice 0.5000         4
#2  b    finished  validation.dice 0.7500         1

key             #1     #2
optimizer.lr  0.25  0.125

epoch  #1 train.loss  #2 train.loss
    1         9.0000         2.0000
    4         6.0000
    5         5.0000
    9         1.0000
)");
  const Json json = RunComparison(runs, {}).json();
  CHECK(json["differs"] == Json{{"optimizer.lr", {0.25, 0.125}}});
  CHECK(json["curves"]["train.loss"][0].size() == 9);
  CHECK(json["curves"]["validation.dice"][1] == Json{{1, 0.75}});
  CHECK_THROWS_AS(RunComparison(runs, {"train.los"}), Error);
}

TEST_CASE("what a training writes is read back") {
  test::Experiment experiment;
  experiment.json["train"]["epochs"] = 2;
  experiment.train("run");
  const Run run = read_run(experiment / "run");
  CHECK(run.state == "finished");
  CHECK(run.epochs.size() == 2);
  CHECK(run.best_value());
  const std::string text = run_text(run);
  CHECK(text.find("last checkpoint ") != std::string::npos);
  CHECK(text.find("validation.loss") != std::string::npos);
}

}  // namespace lucid
