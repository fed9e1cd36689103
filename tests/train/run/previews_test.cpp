#include <doctest/doctest.h>

#include "base/file.h"
#include "preview/decoded.h"
#include "train/report/run_log.h"
#include "train/run/case_runs.h"

// What runs draw of validation cases, and what a run that goes on keeps of that.
namespace lucid::test {
namespace {

namespace fs = std::filesystem;

struct Pictures : Report {
  void picture(const PictureEvent& event) override { events.push_back(event); }
  void epoch(const EpochEvent& event) override { epochs.push_back({event.epoch, events.size()}); }
  std::vector<PictureEvent> events;
  std::vector<std::pair<std::int64_t, std::size_t>> epochs;  // and pictures before the event
};

Pictures train_with_pictures(const Experiment& experiment, const std::string& run) {
  Session session(experiment.config(), 1);
  session.resolve_auto();
  const RunFolder folder(experiment / run);
  folder.create();
  Trainer trainer(session, folder, Experiment::never);
  Pictures pictures;
  trainer.run({&pictures});
  return pictures;
}

}  // namespace

TEST_CASE("a run that is stopped and resumed writes the cases of one that was not") {
  Experiment experiment;
  experiment.json["train"]["epochs"] = 3;
  experiment.json["train"]["preview"] = {{"every", 1}, {"cases", 2}};
  experiment.train("straight");
  for (int questions = 1; questions < 12; ++questions) {
    CAPTURE(questions);
    experiment.train("run", stop_after(questions));
    experiment.resume("run", {});
    CHECK(cases_of(experiment, "run") == cases_of(experiment, "straight"));
    CHECK(files_in(experiment / "run/previews") == files_in(experiment / "straight/previews"));
  }
}

TEST_CASE("what tells of cases after the checkpoint is removed when a run goes on from there") {
  Experiment experiment;
  experiment.json["train"]["preview"] = {{"every", 1}, {"cases", 1}};
  experiment.train("run");
  const RunFolder folder(experiment / "run");
  Json json = cases_of(experiment, "run");
  json["epoch"] = 3;
  write_file_atomically(folder.cases(), json_text(json));
  fs::create_directories(folder.previews_of(3));
  experiment.folder.write("run/previews/epoch_0003/a.png", "");
  experiment.folder.write("run/previews/epoch_0003/mine.txt", "");
  RunLog::rewind(folder, 2, 6);
  CHECK_FALSE(fs::exists(folder.cases()));
  CHECK(files_in(folder.previews()) == std::vector<std::string>{"epoch_0001/validation_0.png",
                                                                "epoch_0002/validation_0.png",
                                                                "epoch_0003/mine.txt"});
  RunLog::rewind(folder, 1, 3);
  CHECK(files_in(folder.previews()) ==
        std::vector<std::string>{"epoch_0001/validation_0.png", "epoch_0003/mine.txt"});
  write_file_atomically(folder.cases(), "no JSON");
  RunLog::rewind(folder, 1, 3);
  CHECK_FALSE(fs::exists(folder.cases()));
}

TEST_CASE("a new run removes the cases and pictures of an earlier one, and nothing else") {
  Experiment experiment;
  experiment.json["train"]["preview"] = {{"every", 1}, {"cases", 1}};
  experiment.train("run");
  const RunFolder folder(experiment / "run");
  CHECK(folder.holds_run());
  experiment.folder.write("run/previews/holiday.png", "");
  folder.remove_earlier_run();
  CHECK(files_in(folder.previews()) == std::vector<std::string>{"holiday.png"});
  CHECK_FALSE(fs::exists(folder.cases()));
}

TEST_CASE("what a killed process left of a picture is removed when the run goes on") {
  Experiment experiment;
  experiment.json["train"]["preview"] = Json::object();
  experiment.train("run");
  const RunFolder folder(experiment / "run");
  const auto files = files_in(folder.previews());
  experiment.folder.write("run/previews/best/worst.png.unfinished-999999999", "");
  experiment.folder.write("run/previews/best/gone.png.unfinished-999999999", "");
  { const RunLock lock = folder.lock(); }
  CHECK(files_in(folder.previews()) == files);
}

TEST_CASE("pictures of an earlier best epoch do not outlive it") {
  Experiment experiment;
  experiment.json["train"]["preview"] = Json::object();
  experiment.train("run", stop_after(9));  // behind the first epoch
  const RunFolder folder(experiment / "run");
  CHECK(files_in(folder.best_previews()).size() == 3);
  experiment.resume("run", {.assignments = {"train.preview=false", "train.epochs=9"}});
  CHECK(cases_of(experiment, "run")["epoch"] > 1);
  CHECK(files_in(folder.previews()).empty());
}

TEST_CASE("pictures and cases change nothing of training") {
  Voxels experiment;
  experiment.json["train"]["preview"] = false;
  experiment.json["train"]["ema"] = Json::object();
  experiment.train("without");
  experiment.json["train"]["preview"] = {{"every", 1}, {"cases", 4}};
  experiment.train("with");
  CHECK(snapshot(experiment.last("with")) == snapshot(experiment.last("without")));
  CHECK(files_in(experiment / "with/previews").size() == 11);
  CHECK(files_in(experiment / "without/previews").empty());
  Json with = cases_of(experiment, "with");
  with["pictures"] = Json::array();
  CHECK(with == cases_of(experiment, "without"));
}

TEST_CASE("the same cases are drawn each so many epochs, at even distances") {
  Voxels experiment;
  experiment.json["train"]["epochs"] = 5;
  experiment.json["train"]["preview"] = {{"every", 2}, {"cases", 3}};
  const Pictures pictures = train_with_pictures(experiment, "run");
  const RunFolder folder(experiment / "run");
  std::vector<std::string> fixed;
  for (const std::string& file : files_in(folder.previews()))
    if (!file.starts_with("best/")) fixed.push_back(file);
  CHECK(fixed ==
        std::vector<std::string>{"epoch_0002/validation_0.png", "epoch_0002/validation_2.png",
                                 "epoch_0002/validation_4.png", "epoch_0004/validation_0.png",
                                 "epoch_0004/validation_2.png", "epoch_0004/validation_4.png"});
  const Picture drawn = decoded(folder.previews_of(4) / "validation_2.png");
  for (const PictureEvent& event : pictures.events) {
    if (event.name != "preview/validation_2" || event.epoch != 4) continue;
    CHECK(event.step == 12);
    CHECK(event.width == drawn.width());
    CHECK(event.height == drawn.height());
    CHECK(event.png.size() == fs::file_size(folder.previews_of(4) / "validation_2.png"));
  }
  CHECK(pictures.epochs[1] ==
        std::pair<std::int64_t, std::size_t>{2, pictures.epochs[0].second + 3 + 3});
}

TEST_CASE("the worst, the median and the best case of the best epoch are drawn and named") {
  Voxels experiment;
  experiment.json["train"]["preview"] = Json::object();
  experiment.train("run");
  const Json json = cases_of(experiment, "run");
  REQUIRE(json["pictures"].size() == 3);
  std::vector<std::pair<double, std::string>> ranked;
  for (const Json& each : json["cases"])
    ranked.emplace_back(-each["loss"].get<double>(), each["case"]);
  std::ranges::sort(ranked);
  const char* const roles[] = {"worst", "median", "best"};
  const std::size_t rows[] = {0, 3, 6};
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(json["pictures"][i]["role"] == roles[i]);
    CHECK(json["pictures"][i]["case"] == ranked[rows[i]].second);
    const std::string file = json["pictures"][i]["file"];
    CHECK(file == std::string("previews/best/") + roles[i] + ".png");
    CHECK(decoded(experiment / "run" / file).width() > 600);
  }
}

TEST_CASE("by default pictures are drawn where they cost a small share of an epoch") {
  Experiment experiment;  // 12 samples to train on: 5 of 43 are too many
  experiment.train("small");
  CHECK(files_in(experiment / "small/previews").empty());
  CHECK(cases_of(experiment, "small")["pictures"].empty());
  write_set(experiment / "train.h5", {.count = 60});
  experiment.train("larger");
  CHECK(cases_of(experiment, "larger")["pictures"].size() == 3);
}

TEST_CASE("preview is false or an object, and needs cases to draw") {
  Experiment experiment;
  experiment.json["train"]["preview"] = true;
  CHECK_THROWS_WITH(experiment.config(),
                    "a.json: /train/preview: expected false or an object, found true");
  experiment.json["train"]["preview"] = {{"every", 0}, {"cases", 0}, {"case", 1}};
  CHECK_THROWS_WITH(
      experiment.config(),
      "a.json: /train/preview/every: expected an integer from 1 to 1099511627776, found 0\n"
      "a.json: /train/preview/cases: expected an integer from 1 to 1000, found 0\n"
      "a.json: /train/preview/case: unknown key; did you mean 'cases'?");
  experiment.json["train"]["preview"] = Json::object();
  override_key(experiment.json, "train.preview.every=7");
  override_key(experiment.json, "train.preview.cases=4");
  CHECK(experiment.config().train.preview.every == 7);
  CHECK(experiment.config().train.preview.cases == 4);
  experiment.json["data"].erase("validation");
  CHECK_THROWS_WITH(experiment.config(),
                    "a.json: /train/preview: expected a validation set, whose cases are drawn, "
                    "found none; set data.validation");
}

}  // namespace lucid::test
