#include "train_options.h"

#include "arguments.h"
#include "ranks/local_ranks.h"

namespace lucid {

namespace {

// How the run is computed, which its results do not depend on but for the threads.
void add_resource_options(CLI::App& app, TrainOptions& o) {
  app.add_option("--threads", o.threads, "Threads; default: one per core, or OMP_NUM_THREADS")
      ->check(integer_range(1, 4096));
  app.add_option("--ranks", o.rank_count,
                 "Processes of this machine that train the run together; at most train.shards")
      ->type_name("N")
      ->check(integer_range(1, kMostRanks));
  app.add_flag("!--no-overlap", o.overlaps,
               "Ranks exchange gradients behind the backward pass instead of along with it");
}

}  // namespace

void add_train_options(CLI::App& app, TrainOptions& o) {
  app.add_option("--config", o.config, "Experiment file (JSON); configs/README.md lists every key")
      ->type_name("FILE");
  app.add_option("--output", o.output, "Folder of the run; default runs/NAME-YYYYmmdd-HHMMSS")
      ->type_name("DIR");
  app.add_option("--set", o.overrides.assignments,
                 "Override a key: train.epochs=3, optimizer.lr=1e-2; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  CLI::Option* resume = app.add_option("--resume", o.resume, "Continue the run in this folder");
  app.add_option("--fold", o.fold, "Train a fold of train.folds, or all of them; goes on with them")
      ->type_name("K|all");
  resume->type_name("RUN_DIR");
  app.add_option("--weights", o.overrides.weights,
                 "Start from the parameters of a checkpoint or weights file")
      ->type_name("FILE")
      ->excludes(resume);
  app.add_option("--epochs", o.overrides.epochs, "Override train.epochs");
  app.add_option("--seed", o.overrides.seed, "Override seed");
  add_resource_options(app, o);
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

}  // namespace lucid
