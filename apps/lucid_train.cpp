#include <algorithm>
#include <filesystem>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/command_files.h"
#include "base/file.h"
#include "base/machine/resident.h"
#include "base/text.h"
#include "data/hdf5/files_behind.h"
#include "limit_spinning.h"
#include "program.h"
#include "stop_signal.h"
#include "tensor/engine.h"
#include "train/config/resume.h"
#include "train/measure/profile.h"
#include "train/measure/summary.h"
#include "train/trainer.h"
#include "train/undefined_values.h"
#include "train_folds.h"
#include "train_options.h"
#include "train_ranks.h"
#include "train_scans.h"

namespace lucid {
namespace {

using Options = TrainOptions;

void print_summary(Session& session) {
  const StepMemory memory = step_memory(session);
  std::cout << layer_table(session.model().graph()) << "memory of a training step of "
            << session.batch_size() << " samples: " << bytes_text(memory.total())
            << " (activations and scratch " << bytes_text(memory.plan_bytes) << ", parameters "
            << bytes_text(memory.parameter_bytes) << ", batches " << bytes_text(memory.loader_bytes)
            << (memory.cache_bytes > 0 ? ", volumes " + bytes_text(memory.cache_bytes) : "")
            << (memory.validation_bytes > 0 ? ", validation " + bytes_text(memory.validation_bytes)
                                            : "")
            << ", a checkpoint " << bytes_text(memory.checkpoint_bytes) << ", the program "
            << bytes_text(memory.program_bytes) << ")\n"
            << session.sets().patches_text() << recomputed_line(session) << std::flush;
  if (memory.total() > machine_memory_bytes())
    throw Error(ExitCode::kFailed,
                session.config().file + ": /data/batch_size: a training step needs " +
                    bytes_text(memory.total()) + ", the machine has " +
                    bytes_text(machine_memory_bytes()) + "; use smaller batches or volumes");
}

void print_warnings(Session& session) {
  for (const std::string& line : session.warnings().take()) print_warning(line);
}

int check(Session& session) {
  for (const std::string& line : UndefinedValues(session).of_config()) print_warning(line);
  print_warnings(session);
  session.resolve_auto();
  print_warnings(session);
  session.load_weights();
  session.check_all_values();
  print_warnings(session);
  return 0;
}

void check_resumed_folder(const Options& o) {
  std::error_code ignored;  // a missing folder is equivalent to no other
  if (!o.output.empty() && !std::filesystem::equivalent(o.resume, o.output, ignored))
    throw Error(ExitCode::kUsage, "--output " + o.output + ": expected the folder of --resume, " +
                                      in_quotes(o.resume) + ", or none; a run goes on where it is");
}

void add_set(CommandFiles& files, const VolumesConfig& set, const std::string& what) {
  for (const std::string& file : set.files)
    if (set.are_scans)
      files.reads(file, what);
    else
      hdf5::add_input(files, file, what);
  for (const std::string& file : set.labels) files.reads(file, "labels of the " + what);
}

// A new run replaces no other unless told to, and in no case the files that it is made of.
void check_new_folder(const RunFolder& folder, const Options& o, const RunConfig& config) {
  if (folder.holds_run() && !o.overwrite)
    throw Error(ExitCode::kUsage,
                folder.path().string() +
                    ": holds a run already; --overwrite replaces it, --resume goes on with it");
  CommandFiles files;
  for (const auto& file : folder.files()) files.writes({file, true}, "file of the run");
  files.reads(config.file, "experiment file");
  if (config.train.weights) hdf5::add_input(files, *config.train.weights, "weights");
  add_set(files, config.data.train, "training set");
  if (config.data.validation) add_set(files, *config.data.validation, "validation set");
  files.check_apart("folder for the run");
}

// Until the first checkpoint is saved, an earlier run in the folder stays as it is.
void begin(Trainer& trainer, const RunFolder& folder) {
  folder.make();
  trainer.save_first();
  folder.remove_earlier_run();
}

// One of the ranks may have been told to stop for all.
int exit_code(const EndEvent& end, Ranks& ranks) {
  const double own = stop_signal();
  const int signal = static_cast<int>(std::ranges::max(ranks.gathered({&own, 1})));
  return end.status == RunStatus::kInterrupted && signal != 0 ? 128 + signal : 0;
}

void print_end(const EndEvent& end, const RunFolder& folder) {
  std::cout << "status " << status_text(end.status) << ", epochs " << end.epoch << ", steps "
            << end.step;
  if (end.has_best)
    std::cout << ", best " << end.monitor << " " << value_text(static_cast<float>(end.best));
  std::cout << "\nrun folder " << folder.path().string() << '\n';
}

int train(Session& session, const RunFolder& folder, const Options& o,
          const std::optional<CheckpointFile>& checkpoint) {
  session.resolve_auto();
  if (!checkpoint) session.load_weights();
  const Trainer* training = nullptr;
  const auto is_to_stop = [&] {
    return stop_signal() != 0 || training->complete_epochs() >= o.until_epoch;
  };
  Trainer trainer(session, folder, is_to_stop, *o.ranks, o.overlaps);
  training = &trainer;
  std::vector<std::string> notes;
  if (checkpoint) notes = trainer.resume(*checkpoint);
  if (trainer.complete_epochs() >= o.until_epoch)
    throw Error(ExitCode::kUsage, "--until-epoch: expected an epoch to come, found " +
                                      std::to_string(o.until_epoch) + "; the run has " +
                                      std::to_string(trainer.complete_epochs()));
  catch_stop_signals();
  if (!o.ranks->is_first()) return exit_code(trainer.run({}), *o.ranks);
  if (!checkpoint) begin(trainer, folder);
  session.sets().save_measured();
  if (!trainer.is_finished() || !checkpoint) folder.write_config(session.config().json);
  if (checkpoint) RunLog::rewind(folder, checkpoint->integer("epoch"), checkpoint->integer("step"));
  TrainReports reports(session, folder, checkpoint ? checkpoint->integer("step") : 0,
                       o.progress_kind(), o.command);
  for (const std::string& note : notes) reports.note(note);
  const EndEvent end = trainer.run(reports.all());
  print_end(end, folder);
  return exit_code(end, *o.ranks);
}

int work(RunConfig config, const RunFolder& folder, const Options& o,
         const std::optional<CheckpointFile>& checkpoint) {
  if (config.train.folds)
    throw Error(ExitCode::kUsage, config.file +
                                      ": /train/folds: expected --fold K or --fold all beside it, "
                                      "found neither; --set train.folds=null trains on all cases");
  if (config.train.shards < o.rank_count)
    throw Error(ExitCode::kUsage, config.file + ": /train/shards: expected as many as " +
                                      o.ranks_name + ", " + std::to_string(o.rank_count) +
                                      ", or more, found " + std::to_string(config.train.shards));
  const TrainScans scans =
      import_scans(config, o.imported.empty() ? folder.imported() : o.imported, o);
  if (scans.exit_code != 0) return scans.exit_code;
  Session session(std::move(config), o.threads, folder.measured());
  for (const std::string& warning : scans.warnings) session.warnings().add(warning);
  if (o.dry_run || o.summary) print_summary(session);
  if (o.dry_run) return check(session);
  if (o.profile_steps > 0) {
    session.resolve_auto();
    print_warnings(session);
    session.load_weights();
    const Profile profiled = profile(session, o.profile_steps);
    if (!o.resume.empty()) write_file_atomically(folder.profile(), json_text(profiled.json()));
    std::cout << profiled.text();
    return 0;
  }
  return train(session, folder, o, checkpoint);
}

int resume(const Options& o) {
  const auto go_on = [&o](const RunFolder& folder) {
    const std::optional<CheckpointFile> checkpoint(folder.last_checkpoint());
    RunConfig config = read_resumed_config(*checkpoint, o.config, o.overrides);
    check_resumed_folder(o);
    return work(std::move(config), folder, o, checkpoint);
  };
  const RunFolder folder(o.resume);
  if (!o.trains() || !o.ranks->is_first()) return go_on(folder);
  const RunLock lock = folder.lock_existing();  // another process may be writing the checkpoint
  return go_on(folder);
}

int start(const Options& o) {
  RunConfig config = read_config_file(o.config, o.overrides);
  const RunFolder folder =
      o.output.empty() ? RunFolder::with_default_name(config.name) : RunFolder(o.output);
  if (!o.ranks->is_first()) return work(std::move(config), folder, o, std::nullopt);
  if (!o.trains()) {
    check_new_folder(folder, o, config);
    return work(std::move(config), folder, o, std::nullopt);
  }
  const RunLock lock = folder.lock();  // another process may begin a run here meanwhile
  check_new_folder(folder, o, config);
  return work(std::move(config), folder, o, std::nullopt);
}

int run(const Options& o) {
  if (asks_for_folds(o)) return train_folds(o, {work, check_new_folder});
  if (o.config.empty() && o.resume.empty())
    throw Error(ExitCode::kUsage,
                "lucid-train: expected --config FILE or --resume RUN_DIR, found neither; see "
                "lucid-train --help");
  return o.resume.empty() ? start(o) : resume(o);
}

}  // namespace
}  // namespace lucid

int main(int argc, char** argv) {
  lucid::limit_spinning(argv);
  CLI::App app("Trains a 3-D convolutional network on volumes as an experiment file says.",
               "lucid-train");
  app.set_version_flag("--version", "lucid-train " LUCID_VERSION);
  lucid::TrainOptions options;
  lucid::add_train_options(app, options);
  options.command = lucid::shell_line(std::vector<std::string>(argv, argv + argc));
  return lucid::run_ranked(app, argc, argv, options, lucid::run);
}
