#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/stopwatch.h"
#include "base/text.h"
#include "calm_threads.h"
#include "infer/infer.h"
#include "infer/prediction_preview.h"
#include "program.h"
#include "stop_signal.h"

namespace lucid {
namespace {

struct Options {
  InferOptions infer;
  std::string activation = "none", precision = "float32";
  std::optional<std::filesystem::path> preview;
  bool json = false, quiet = false;
};

void add_options(CLI::App& app, Options& o) {
  app.add_option("--checkpoint", o.infer.checkpoint, "Checkpoint of a training run")
      ->required()
      ->type_name("FILE");
  app.add_option("--input", o.infer.inputs, "HDF5 files, globs or folders; joined along N")
      ->required()
      ->type_name("FILE...");
  app.add_option("--dataset", o.infer.dataset,
                 "Dataset of the volumes; default: the training set's")
      ->type_name("PATH");
  app.add_option("--axes", o.infer.axes,
                 "Its axes, letters of n c d h w; default: the training set's")
      ->type_name("LETTERS");
  app.add_option("--target", o.infer.target, "Dataset to compare with: prints loss and metrics")
      ->type_name("PATH");
  app.add_option("--output", o.infer.output, "HDF5 file for /predictions")
      ->required()
      ->type_name("FILE");
  app.add_option("--activation", o.activation,
                 "What is done to the output: none, softmax, sigmoid, argmax")
      ->check(CLI::IsMember(activation_names()))
      ->capture_default_str();
  app.add_option("--batch-size", o.infer.batch_size, "Default: the training config's")
      ->check(CLI::Range(1, 1 << 24));
  app.add_option("--threads", o.infer.threads, "Threads; default: all cores, or OMP_NUM_THREADS")
      ->check(CLI::Range(1, 4096));
  app.add_option("--precision", o.precision,
                 "What convolutions and products read: float32, bfloat16")
      ->check(CLI::IsMember(precision_names()))
      ->capture_default_str();
  app.add_option("--csv", o.infer.csv, "Also write a table, a row a sample")->type_name("FILE");
  app.add_option("--preview", o.preview, "Also draw the first volume and its prediction, a PNG")
      ->type_name("FILE");
  app.add_flag("--json", o.json, "Results on stdout as one JSON object");
  app.add_flag("--quiet", o.quiet, "No progress on stderr");
}

void print_json(const InferResult& result, const Options& o, double seconds) {
  Json json = {{"samples", result.samples},
               {"predictions", result.predictions.extents()},
               {"output", o.infer.output.string()},
               {"seconds", seconds}};
  if (!result.measured.values.empty()) add_measurements(result.measured, json["values"]);
  std::cout << json_text(json) << '\n';
}

void print_text(const InferResult& result, const Options& o) {
  std::cout << "samples " << result.samples << ", predictions " << result.predictions.str()
            << " in " << o.infer.output.string() << '\n';
  for (const NamedValues* list : {&result.measured.values, &result.measured.details})
    for (const auto& [name, value] : *list)
      std::cout << name << ' ' << number_text(static_cast<float>(value)) << '\n';
  for (const auto& [name, table] : result.measured.tables)
    for (std::size_t row = 0; row < table.size(); ++row) {
      std::cout << name << ' ' << row;
      for (const std::int64_t count : table[row]) std::cout << ' ' << count;
      std::cout << '\n';
    }
}

int run(Options& o) {
  o.infer.activation = activation_named(o.activation);
  o.infer.precision = usable_precision("--precision", o.precision);
  catch_stop_signals();
  const bool draws = !o.quiet && isatty(STDERR_FILENO) == 1;
  const Stopwatch watch;
  const InferResult result = infer(o.infer, [&](std::int64_t done, std::int64_t all) {
    if (draws) std::cerr << "\r\033[K" << done << '/' << all << " samples" << std::flush;
    return stop_signal() == 0;
  });
  if (draws) std::cerr << "\r\033[K" << std::flush;
  if (result.was_stopped) return 128 + stop_signal();
  if (o.preview) write_prediction_preview(o.infer.output, o.infer.axes, *o.preview);
  if (result.met_non_finite)
    std::cerr << "warning: an input or a prediction holds NaN or infinite values; they were passed "
                 "through\n";
  if (!o.quiet)
    std::cerr << "predicted " << result.samples << " samples in "
              << number_text(static_cast<float>(watch.seconds())) << " s\n";
  if (o.json)
    print_json(result, o, watch.seconds());
  else
    print_text(result, o);
  return 0;
}

}  // namespace
}  // namespace lucid

int main(int argc, char** argv) {
  lucid::calm_threads(argv);
  CLI::App app("Predicts HDF5 volumes with a trained network; the checkpoint is all it needs.",
               "lucid-infer");
  app.set_version_flag("--version", "lucid-infer " LUCID_VERSION);
  lucid::Options options;
  lucid::add_options(app, options);
  return lucid::run_program(app, argc, argv, [&] { return lucid::run(options); });
}
