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
#include "train/config/resume.h"
#include "train/profile.h"
#include "train/summary.h"
#include "train/trainer.h"
#include "train/undefined_values.h"
#include "train_reports.h"

namespace lucid {
namespace {

struct Options {
  std::string command;  // the program's arguments, as a shell reads them
  std::string config, output, resume, progress = kProgressNames.front();
  Overrides overrides;
  int threads = 0;
  std::int64_t profile_steps = 0, until_epoch = std::numeric_limits<std::int64_t>::max();
  bool dry_run = false, summary = false, quiet = false, overwrite = false;

  ProgressKind progress_kind() const {
    const auto at = std::ranges::find(kProgressNames, progress) - kProgressNames.begin();
    return quiet ? ProgressKind::kNone : static_cast<ProgressKind>(at);
  }
  bool trains() const { return !dry_run && profile_steps == 0; }
};

void add_options(CLI::App& app, Options& o) {
  app.add_option("--config", o.config, "Experiment file (JSON); configs/README.md lists every key")
      ->type_name("FILE");
  app.add_option("--output", o.output, "Folder of the run; default runs/NAME-YYYYmmdd-HHMMSS")
      ->type_name("DIR");
  app.add_option("--set", o.overrides.assignments,
                 "Override a key: train.epochs=3, optimizer.lr=1e-2; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  CLI::Option* resume = app.add_option("--resume", o.resume, "Continue the run in this folder");
  resume->type_name("RUN_DIR");
  CLI::Option* weights =
      app.add_option("--weights", o.overrides.weights,
                     "Start from the parameters of a checkpoint or weights file");
  weights->type_name("FILE")->excludes(resume);
  app.add_option("--epochs", o.overrides.epochs, "Override train.epochs");
  app.add_option("--seed", o.overrides.seed, "Override seed");
  app.add_option("--threads", o.threads, "Threads; default: one per core, or OMP_NUM_THREADS")
      ->check(integer_range(1, 4096));
  app.add_option("--until-epoch", o.until_epoch,
                 "Stop behind this epoch as a signal would; --resume goes on")
      ->check(integer_from(1));
  app.add_flag("--dry-run", o.dry_run,
               "Check config, files, shapes, labels and memory, print the summary, and end");
  app.add_flag("--summary", o.summary, "Print one row per layer before training");
  app.add_option("--profile", o.profile_steps, "Time N training steps layer by layer, and end")
      ->type_name("N")
      ->check(integer_range(1, 1000000));
  app.add_flag("--tensorboard", o.overrides.tensorboard, "Write the run for TensorBoard, too");
  CLI::Option* progress = app.add_option(
      "--progress", o.progress,
      "On stderr: bar (the default; lines where no terminal can draw it), plain, json or none");
  progress->type_name("KIND")->check(one_of(kProgressNames));
  app.add_flag("--quiet", o.quiet, "No progress on stderr, as --progress none")->excludes(progress);
  app.add_flag("--overwrite", o.overwrite, "Replace the run that the output folder holds")
      ->excludes(resume);
}

void print_summary(Session& session) {
  const StepMemory memory = step_memory(session);
  std::cout << layer_table(session.model().graph()) << "memory of a training step of "
            << session.batch_size() << " samples: " << bytes_text(memory.total())
            << " (activations and scratch " << bytes_text(memory.plan_bytes) << ", parameters "
            << bytes_text(memory.parameter_bytes) << ", batches " << bytes_text(memory.loader_bytes)
            << (memory.cache_bytes > 0 ? ", volumes " + bytes_text(memory.cache_bytes) : "")
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
  for (const std::string& file : config.data.train.files)
    hdf5::add_input(files, file, "training set");
  if (config.data.validation)
    for (const std::string& file : config.data.validation->files)
      hdf5::add_input(files, file, "validation set");
  files.check_apart("folder for the run");
}

// Until the first checkpoint is saved, an earlier run in the folder stays as it is.
void begin(Trainer& trainer, const RunFolder& folder) {
  folder.make();
  trainer.save_first();
  folder.remove_earlier_run();
}

int print_end(const EndEvent& end, const RunFolder& folder) {
  std::cout << "status " << status_text(end.status) << ", epochs " << end.epoch << ", steps "
            << end.step;
  if (end.has_best)
    std::cout << ", best " << end.monitor << " " << value_text(static_cast<float>(end.best));
  std::cout << "\nrun folder " << folder.path().string() << '\n';
  return end.status == RunStatus::kInterrupted && stop_signal() != 0 ? 128 + stop_signal() : 0;
}

int train(Session& session, const RunFolder& folder, const Options& o,
          const std::optional<CheckpointFile>& checkpoint) {
  session.resolve_auto();
  if (!checkpoint) session.load_weights();
  const Trainer* training = nullptr;
  Trainer trainer(session, folder, [&] {
    return stop_signal() != 0 || training->complete_epochs() >= o.until_epoch;
  });
  training = &trainer;
  std::vector<std::string> notes;
  if (checkpoint) notes = trainer.resume(*checkpoint);
  if (trainer.complete_epochs() >= o.until_epoch)
    throw Error(ExitCode::kUsage, "--until-epoch: expected an epoch to come, found " +
                                      std::to_string(o.until_epoch) + "; the run has " +
                                      std::to_string(trainer.complete_epochs()));
  catch_stop_signals();
  if (!checkpoint) begin(trainer, folder);
  session.sets().save_measured();
  if (!trainer.is_finished() || !checkpoint) folder.write_config(session.config().json);
  if (checkpoint) RunLog::rewind(folder, checkpoint->integer("epoch"), checkpoint->integer("step"));
  TrainReports reports(session, folder, checkpoint ? checkpoint->integer("step") : 0,
                       o.progress_kind(), o.command);
  for (const std::string& note : notes) reports.note(note);
  return print_end(trainer.run(reports.all()), folder);
}

int work(RunConfig config, const RunFolder& folder, const Options& o,
         const std::optional<CheckpointFile>& checkpoint) {
  Session session(std::move(config), o.threads, folder.measured());
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
  if (!o.trains()) return go_on(folder);
  const RunLock lock = folder.lock_existing();  // another process may be writing the checkpoint
  return go_on(folder);
}

int start(const Options& o) {
  RunConfig config = read_config_file(o.config, o.overrides);
  const RunFolder folder =
      o.output.empty() ? RunFolder::with_default_name(config.name) : RunFolder(o.output);
  if (!o.trains()) {
    check_new_folder(folder, o, config);
    return work(std::move(config), folder, o, std::nullopt);
  }
  const RunLock lock = folder.lock();  // another process may begin a run here meanwhile
  check_new_folder(folder, o, config);
  return work(std::move(config), folder, o, std::nullopt);
}

int run(const Options& o) {
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
  CLI::App app("Trains a 3-D convolutional network on HDF5 volumes as an experiment file says.",
               "lucid-train");
  app.set_version_flag("--version", "lucid-train " LUCID_VERSION);
  lucid::Options options;
  lucid::add_options(app, options);
  options.command = lucid::shell_line(std::vector<std::string>(argv, argv + argc));
  return lucid::run_program(app, argc, argv, [&] { return lucid::run(options); });
}
