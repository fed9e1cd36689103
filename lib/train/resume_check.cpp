#include "train/resume_check.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "train/set_facts.h"
#include "train/time_limit.h"

namespace lucid {
namespace {

TrainConfig train_section(const Json& config) {
  ConfigErrors ignored("");  // it was read without errors when the run began
  const Json train = config.value("train", Json::object());
  JsonObject object(train, "/train", ignored);
  return read_train_config(object);
}

std::string title(const std::string& set) {
  return set == "train" ? "training set" : "validation set";
}

std::string short_text(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", number);
  return text;
}

std::string count_text(const std::optional<std::int64_t>& count) {
  return count ? std::to_string(*count) : "none";
}

void add_change(const std::string& what, const std::optional<std::int64_t>& was,
                const std::optional<std::int64_t>& is, std::vector<std::string>& changes) {
  if (was != is) changes.push_back(what + " " + count_text(was) + " -> " + count_text(is));
}

std::int64_t steps_of(const RunLength& length) {
  const std::int64_t all = length.epochs * length.steps_per_epoch;
  return std::min(all, length.max_steps.value_or(all));
}

}  // namespace

ResumeCheck::ResumeCheck(const CheckpointFile& checkpoint, Session& session, const State& facts)
    : checkpoint_(checkpoint),
      session_(session),
      facts_(facts),
      config_(checkpoint.config()),
      train_(train_section(config_)) {}

void ResumeCheck::check_position() const {
  const bool is_within_epoch = checkpoint_.integer("batch") > 0;
  for (const std::string set : kSetNames) {
    if (!is_within_epoch && is_named_otherwise(set)) continue;
    if (const std::string change = change_of(set); !change.empty())
      refuse("the " + title(set) + " has changed: " + change +
             "; a run goes on with the data it began with, start a new one with --weights");
  }
  if (is_within_epoch) check_within_epoch();
}

// The batches that follow are those of the order in which the epoch began.
void ResumeCheck::check_within_epoch() const {
  const Json data = config_.value("data", Json::object());
  const RunConfig& now = session_.config();
  expect_equal("data.batch_size", checkpoint_.integer("batch_size"), session_.batch_size());
  expect_equal("data.shuffle", data.value("shuffle", Json(true)), now.data.shuffle);
  expect_equal("data.drop_last", data.value("drop_last", Json(false)), now.data.drop_last);
  expect_equal("seed", config_.value("seed", Json(0)), now.seed);
  const auto samples = static_cast<std::int64_t>(session_.train_set().size());
  const std::int64_t batch = checkpoint_.integer("batch");
  if (checkpoint_.integer("samples") == std::min(batch * session_.batch_size(), samples)) return;
  refuse("the training set has changed: the run stopped after batch " + std::to_string(batch) +
         " of an epoch and " + std::to_string(checkpoint_.integer("samples")) +
         " samples, found a set of " + std::to_string(samples) +
         "; a run goes on with the data it began with, start a new one with --weights");
}

void ResumeCheck::expect_equal(const std::string& key, const Json& was, const Json& is) const {
  if (was != is)
    refuse("the run stopped within an epoch with " + key + " " + json_text(was) + ", found " +
           json_text(is) + "; finish the epoch first");
}

// Whether the config says that the set is to be another one.
bool ResumeCheck::is_named_otherwise(const std::string& set) const {
  const Json was = config_.value("data", Json::object());
  const Json &is = session_.config().json["data"], none;
  return was.value(set, none) != is.value(set, none) ||
         was.value("patch", none) != is.value("patch", none);
}

// Returns how the samples of a set differ from those of the checkpoint; empty if they do not.
std::string ResumeCheck::change_of(const std::string& set) const {
  const auto was = checkpoint_.text(set + "_set");
  return was ? shape_change(parse_json(*was, set), parse_json(facts_.texts.at(set + "_set"), set))
             : "";
}

void ResumeCheck::refuse(const std::string& what) const {
  throw Error(ExitCode::kUsage, checkpoint_.path().string() + ": " + what);
}

std::vector<std::string> ResumeCheck::notes(const Progress& progress) const {
  std::vector<std::string> notes;
  note_end(progress, notes);
  if (is_finished(progress, session_.config().train)) return notes;
  note_sets(notes);
  note_machine(notes);
  note_rate(progress, notes);
  return notes;
}

void ResumeCheck::note_sets(std::vector<std::string>& notes) const {
  const DataConfig& data = session_.config().data;
  for (const std::string set : kSetNames) {
    const auto was = checkpoint_.text(set + "_set");
    if (!was) continue;
    const VolumesConfig* volumes = set == "train"    ? &data.train
                                   : data.validation ? &*data.validation
                                                     : nullptr;
    const std::vector<std::string> none;
    const std::vector<std::string> files =
        changed_files(parse_json(*was, set), parse_json(facts_.texts.at(set + "_set"), set),
                      volumes == nullptr ? none : volumes->files);
    const std::string change = change_of(set);
    if (files.empty() && change.empty()) continue;
    std::string what = change.empty() ? "" : ": " + change;
    if (!files.empty())
      what += (change.empty() ? ": " : "; ") + files.front() +
              (files.size() > 1 ? " and " + std::to_string(files.size() - 1) + " more files hold"
                                : " holds") +
              " other bytes than when the checkpoint was saved";
    notes.push_back("warning: the " + title(set) + " has changed" + what +
                    "; data.normalize and class weights stay as they were measured");
  }
}

void ResumeCheck::note_machine(std::vector<std::string>& notes) const {
  const auto was = checkpoint_.text("machine");
  const std::string& is = facts_.texts.at("machine");
  if (was && *was != is)
    notes.push_back("warning: the run was computed by " + *was + ", now by " + is +
                    ": the last bits of its results will differ from those of a run that did not "
                    "change");
}

RunLength ResumeCheck::length_before(const Progress& progress) const {
  return {planned_epochs(progress, train_),
          checkpoint_.integer("steps_per_epoch", facts_.integers.at("steps_per_epoch")),
          train_.max_steps};
}

// A schedule that spans the run is another one, from its beginning, if the run has another length.
void ResumeCheck::note_rate(const Progress& progress, std::vector<std::string>& notes) const {
  const LearningRate& schedule = session_.config().schedule;
  const RunLength before = length_before(progress), now = run_length(session_, progress);
  const std::int64_t reductions = progress.plateau.reductions;
  const RunPoint next{progress.epoch, progress.step, reductions};
  const double planned = schedule.rate(1, next, before), rate = schedule.rate(1, next, now);
  if (progress.step == 0 || std::abs(planned - rate) <= 1e-6 * std::max(planned, rate)) return;
  const RunPoint last{progress.epoch - (progress.batch == 0 ? 1 : 0), progress.step - 1,
                      reductions};
  std::vector<std::string> changes;
  add_change("train.epochs", before.epochs, now.epochs, changes);
  add_change("train.max_steps", before.max_steps, now.max_steps, changes);
  add_change("steps of an epoch", before.steps_per_epoch, now.steps_per_epoch, changes);
  notes.push_back(
      "warning: the learning rate goes from " + short_text(schedule.rate(1, last, before)) +
      " to " + short_text(rate) + ", because the run became " +
      (steps_of(now) >= steps_of(before) ? "longer" : "shorter") + " (" + join(changes, ", ") +
      ") and the scheduler spans all of it; T_max, total_iters or total_steps of the "
      "scheduler keep its length");
}

void ResumeCheck::note_end(const Progress& progress, std::vector<std::string>& notes) const {
  const TrainConfig& now = session_.config().train;
  const std::string at =
      "epoch " + std::to_string(progress.epoch) + ", step " + std::to_string(progress.step);
  if (is_finished(progress, now)) {
    Json was = config_;
    was["train"].erase("weights");
    const bool is_changed = was != session_.config().json;
    notes.push_back("warning: the run is finished, at " + at + ": nothing is left to train" +
                    (is_changed ? " and what was changed in its config has no effect" : "") +
                    "; a larger train." +
                    (progress.epoch < now.epochs && now.limit_seconds ? "time_limit" : "epochs") +
                    " goes on with it");
  } else if (is_finished(progress, train_)) {
    notes.push_back("the run was finished, at " + at + ": it goes on to epoch " +
                    std::to_string(planned_epochs(progress, now)) +
                    (now.max_steps ? " or step " + std::to_string(*now.max_steps) : "") +
                    " with the config as changed");
  }
}

}  // namespace lucid
