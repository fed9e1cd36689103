#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/duration.h"
#include "base/file.h"
#include "base/machine/cores.h"
#include "base/machine/resident.h"
#include "base/text.h"
#include "limit_spinning.h"
#include "planning/planner.h"
#include "program.h"

namespace lucid {
namespace {

constexpr double kGibibyte = 1 << 30, kNnunetMemory = 8;

struct Options {
  PlanRequest request;
  OutputFile output;
  std::string hours, encoder = "plain";
  std::vector<std::string> merges;
  double memory_gib = 0, gflops = 0;
  bool explains = false, is_json = false, is_quiet = false;
};

void add_data_options(CLI::App& app, Options& o) {
  PlanSource& source = o.request.source;
  app.add_option("data", source.data,
                 "HDF5 files, or images of other formats: files, globs, folders; or a folder with "
                 "imagesTr and labelsTr")
      ->required()
      ->type_name("DATA...");
  app.add_option("--labels", source.labels, "Of images: files, globs or folders, named as these")
      ->type_name("FILE...");
  source.cache.folder = "runs/imported";
  app.add_option(
         "--imported", source.cache.folder,
         "Folder to import images to; lucid-train looks for them in imported beside the run")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--input", source.input,
                 "Dataset of volumes; default: */raw, raw, train/raw, train/input or volumes")
      ->type_name("PATH");
  app.add_option("--target", source.target, "Dataset of labels, beside --input")->type_name("PATH");
  app.add_option("--merge", o.merges, "Labels that become others: 2-54:1, of numbered objects")
      ->type_name("LABELS:LABEL...");
  app.add_option("--output", o.output.path, "Experiment file that is written")
      ->required()
      ->type_name("FILE");
  app.add_flag("--overwrite", o.output.may_overwrite, "Replace an existing file");
}

void add_budget_options(CLI::App& app, Options& o) {
  app.add_option("--hours", o.hours,
                 "Hours of a training run, of one fold; unlimited: nnU-Net's own plan")
      ->required()
      ->type_name("HOURS");
  app.add_option("--memory", o.memory_gib,
                 "GiB for training; default: three quarters of the machine's, 8 with --hours "
                 "unlimited")
      ->check(positive_number())
      ->type_name("GIB");
  app.add_option("--encoder", o.encoder,
                 "Of U-Nets: plain, or residual as in nnU-Net's ResEnc presets M, L and XL")
      ->type_name("KIND")
      ->check(one_of({"plain", "residual"}))
      ->capture_default_str();
  app.add_option("--folds", o.request.settings.folds,
                 "Folds that are trained where the data have no validation set")
      ->check(integer_range(2, 1000))
      ->capture_default_str();
  app.add_option("--gflops", o.gflops,
                 "GFLOP/s of the machine: times are computed and not measured, so that the plan "
                 "is the same anywhere")
      ->check(positive_number());
  app.add_option("--seed", o.request.settings.seed, "Seed of the experiment")
      ->capture_default_str();
  app.add_option("--threads", o.request.threads,
                 "Threads; default: one per core, or OMP_NUM_THREADS")
      ->check(integer_range(1, 4096));
}

void add_options(CLI::App& app, Options& o) {
  o.request.settings.folds = 5;
  o.request.threads = usable_cores();
  add_data_options(app, o);
  add_budget_options(app, o);
  app.add_flag("--explain", o.explains, "Print every decision with its reason");
  app.add_flag("--json", o.is_json, "Fingerprint, plan and reasons on stdout as a JSON object");
  app.add_flag("--quiet", o.is_quiet, "No progress on stderr");
}

// Returns the seconds of a number of hours; 0 for "unlimited".
double seconds_of(const std::string& hours) {
  if (hours == "unlimited") return 0;
  const auto value = parse_json_value(hours, "--hours");
  if (!value || !value->is_number() || value->get<double>() <= 0)
    throw Error(ExitCode::kUsage,
                "--hours: expected a number above 0 or 'unlimited', found " + in_quotes(hours));
  return value->get<double>() * 3600;
}

void complete(Options& o) {
  PlanRequest& request = o.request;
  request.settings.seconds = seconds_of(o.hours);
  const double machine = static_cast<double>(machine_memory_bytes());
  request.memory_bytes = o.memory_gib > 0 ? o.memory_gib * kGibibyte
                         : request.settings.seconds > 0
                             ? machine * request.settings.defaults.memory_share
                             : kNnunetMemory * kGibibyte;
  for (const std::string& merge : o.merges)
    add_label_merge("--merge", merge, request.source.merges);
  if (o.gflops > 0) request.gflops = o.gflops;
  if (o.encoder == "residual") request.settings.encoder = Encoder::kResidual;
  request.file = o.output.path.string();
  request.settings.name = o.output.path.stem().string();
  if (!o.output.may_overwrite && kind_of(o.output.path) != FileKind::kMissing)
    throw Error(ExitCode::kUsage,
                request.file + ": exists; --overwrite replaces it, or choose another --output");
}

void report(const Options& o, const MadePlan& plan) {
  if (o.is_json) {
    std::cout << json_text(plan_json(plan), 2) << '\n';
    return;
  }
  if (o.explains) std::cout << plan_explanation(plan);
  std::cout << o.output.path.string() << ": ";
  if (plan.run_seconds() > 0) std::cout << duration_text(plan.run_seconds()) << " and ";
  std::cout << fixed_text(plan.choice.chosen.cost.bytes / kGibibyte, 2) << " GiB for a run of "
            << with_thousands(plan.choice.chosen.length.steps()) << " steps\n";
  if (plan.choice.has_too_few_steps)
    print_warning("the hours are too few for a sensible training: expected at least " +
                  with_thousands(std::llround(plan.choice.wanted_steps)) + " steps, found " +
                  with_thousands(plan.choice.chosen.length.steps()));
}

int run(Options& o) {
  complete(o);
  std::string last;
  const auto tell = [&](const std::string& what) {
    if (!o.is_quiet && what != last) std::cerr << what << '\n';
    last = what;
  };
  ImportCacheOptions& cache = o.request.source.cache;
  cache.threads = o.request.threads;
  cache.report = [&](const std::string&, double) { tell("importing"); };
  cache.is_to_stop = [] { return false; };  // a signal ends the program
  const MadePlan plan = make_plan(o.request, tell);
  for (const std::string& warning : plan.warnings) print_warning(warning);
  write_file_atomically(o.output, std::as_bytes(std::span(plan.text)));
  report(o, plan);
  return 0;
}

}  // namespace
}  // namespace lucid

int main(int argc, char** argv) {
  lucid::limit_spinning(argv);
  CLI::App app("Plans the training of a network so that it fits the hours and the memory given",
               "lucid-plan");
  app.set_version_flag("--version", "lucid-plan " LUCID_VERSION);
  lucid::Options options;
  lucid::add_options(app, options);
  return lucid::run_program(app, argc, argv, [&] { return lucid::run(options); });
}
