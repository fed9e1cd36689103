#include "runs/follow.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/temp_dir.h"

namespace lucid {
namespace {

std::string logged_step(int epoch, int step, const std::string& loss = "0.5") {
  return R"({"event":"step","epoch":)" + std::to_string(epoch) + R"(,"step":)" +
         std::to_string(step) + R"(,"loss":)" + loss + R"(,"lr":0.25})" + "\n";
}

std::string logged_epoch(int epoch, int step) {
  return R"({"event":"epoch","epoch":)" + std::to_string(epoch) + R"(,"step":)" +
         std::to_string(step) +
         R"(,"train":{"loss":2},"validation":{"loss":null,"dice":0.75,"dice_1":0.5,"confusion":[[1]]},)" +
         R"("lr":0.5,"seconds":30,"samples_per_second":8,"data_wait":0.25,)" +
         R"("ranks":[{"data_wait":0.25,"communication_wait":0.5},{"data_wait":0,"communication_wait":0.125}],)" +
         R"("bytes_read":7,)" + R"("best":true})" + "\n";
}

const std::string kDivergedEnd =
    R"({"event":"end","status":"diverged","epoch":2,"step":8,"monitor":"train.loss","best":2,"message":"why"})"
    "\n";

// Notes what it is told.
struct Notes : Report {
  void step(const StepEvent& event) override {
    text += "step " + std::to_string(event.step) + " batch " + std::to_string(event.batch) + ", ";
    steps.push_back(event);
  }
  void epoch(const EpochEvent& event) override {
    text += "epoch " + std::to_string(event.epoch) + ", ";
    epochs.push_back(event);
  }
  void end(const EndEvent& event) override { text += status_text(event.status) + ", "; }
  std::string take() { return std::exchange(text, ""); }
  std::string text;
  std::vector<StepEvent> steps;
  std::vector<EpochEvent> epochs;
};

struct FollowedLog {
  void append(const std::string& text) const {
    std::ofstream(folder / "metrics.jsonl", std::ios::app) << text;
  }
  void replace(const std::string& text) const {
    folder.write("new", text);
    std::filesystem::rename(folder / "new", folder / "metrics.jsonl");
  }
  test::TempDir folder;
  RunFollower follower{folder / "metrics.jsonl", Json{{"metrics", {"dice", "confusion"}}}};
  Notes notes;
};

}  // namespace

TEST_CASE("a follower tells each event of a log once, and no half line") {
  FollowedLog log;
  CHECK_FALSE(log.follower.poll(log.notes));  // there is no log yet
  log.append(logged_step(1, 2) + logged_step(1, 4) + logged_epoch(1, 4) +
             logged_step(2, 6).substr(0, 20));
  CHECK_FALSE(log.follower.poll(log.notes));
  CHECK(log.notes.take() == "step 2 batch 2, step 4 batch 4, epoch 1, ");
  CHECK(log.follower.steps_per_epoch() == 4);
  log.append(logged_step(2, 6).substr(20));
  log.follower.poll(log.notes);
  CHECK(log.notes.take() == "step 6 batch 2, ");
  CHECK(log.notes.steps.back().samples_per_second == 8);
  log.follower.poll(log.notes);
  CHECK(log.notes.take() == "");
  CHECK(log.follower.state() == "stopped");
  log.append(kDivergedEnd);
  log.follower.poll(log.notes);
  CHECK(log.notes.take() == "diverged, ");
  CHECK(log.follower.state() == "diverged");
  CHECK(log.follower.message() == "why");
  log.follower.forget_end();
  CHECK(log.follower.state() == "stopped");
  CHECK(log.follower.message() == "");
}

TEST_CASE("a followed epoch has the values that were logged") {
  FollowedLog log;
  log.append(logged_step(1, 4, "null") + logged_epoch(1, 4));
  log.follower.poll(log.notes);
  CHECK(std::isnan(log.notes.steps.at(0).loss));
  const EpochEvent& epoch = log.notes.epochs.at(0);
  CHECK(epoch.train_loss == 2);
  REQUIRE(epoch.validation.values.size() == 2);
  CHECK(epoch.validation.values[0].first == "loss");
  CHECK(std::isnan(epoch.validation.values[0].second));
  CHECK(epoch.validation.values[1] == std::pair<std::string, double>("dice", 0.75));
  CHECK(epoch.validation.details == NamedValues{{"dice_1", 0.5}});
  CHECK(epoch.seconds == 30);
  CHECK(epoch.data_wait == 0.25);
  REQUIRE(epoch.ranks.size() == 2);
  CHECK(epoch.ranks[0].data == 0.25);
  CHECK(epoch.ranks[1].communication == 0.125);
  CHECK(epoch.read.stored_bytes == 7);
  CHECK(epoch.best);
}

TEST_CASE("a follower tells what a resumed run logs anew") {
  FollowedLog log;
  const std::string first = logged_step(1, 2) + logged_step(1, 4) + logged_epoch(1, 4);
  log.append(first + logged_step(2, 6) + logged_step(2, 8, "0.25"));
  log.follower.poll(log.notes);
  log.notes.take();
  log.replace(first);
  CHECK(log.follower.poll(log.notes));
  CHECK(log.notes.take() == "");
  CHECK(log.follower.step() == 4);
  log.append(logged_step(2, 6) + logged_step(2, 8, "0.125"));
  CHECK_FALSE(log.follower.poll(log.notes));
  CHECK(log.notes.take() == "step 6 batch 2, step 8 batch 4, ");

  // It went further between two looks: lines that are the same are not told again.
  log.replace(first + logged_step(2, 6) + logged_step(2, 8, "0.5") + logged_step(3, 10));
  CHECK(log.follower.poll(log.notes));
  CHECK(log.notes.take() == "step 8 batch 4, step 10 batch 6, ");
  CHECK(log.notes.steps[log.notes.steps.size() - 2].loss == 0.5F);
}

TEST_CASE("a log that is no log of a run is refused") {
  FollowedLog log;
  log.append("{}\n");
  CHECK_THROWS_WITH_AS(
      log.follower.poll(log.notes),
      ((log.folder / "metrics.jsonl").string() + ": expected an event of a run, found '{}'")
          .c_str(),
      Error);
}

}  // namespace lucid
