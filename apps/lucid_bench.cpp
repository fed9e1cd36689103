#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "bench/alternatives.h"
#include "bench/layer_bench.h"
#include "bench/rank_bench.h"
#include "bench/workload.h"
#include "bench_commands.h"
#include "limit_spinning.h"
#include "program.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<fs::path> configs;
  bool is_train_only = false, is_infer_only = false, is_json = false, has_alternatives = false;
  std::int64_t batch_size = 0;
  std::optional<std::size_t> recompute_mb;
  Repetition repetition;
  int threads = 0;
  std::string precision = "float32";

  BenchOptions bench() const {
    BenchOptions options;
    const bool is_for_inference = precision_named(precision) == Precision::kInt8;
    if (is_for_inference && is_train_only)
      throw Error(ExitCode::kUsage, "--precision int8: is for inference, found --train");
    options.precision = usable_precision("--precision", precision);
    if (is_for_inference) options.modes = {Mode::kInfer};
    if (is_train_only) options.modes = {Mode::kTrain};
    if (is_infer_only) options.modes = {Mode::kInfer};
    if (batch_size > 0) options.batch_size = batch_size;
    if (recompute_mb) options.memory_budget = *recompute_mb << 20;
    options.repetition = repetition;
    return options;
  }
};

// Returns the experiment files of the speed comparison: in the working directory, beside the build
// folder of the program, or in the installation.
std::vector<fs::path> shipped_configs() {
  const fs::path program = fs::read_symlink("/proc/self/exe").parent_path();
  for (const fs::path& top : {fs::path("."), program / "..", program / "../share/lucid"}) {
    std::vector<fs::path> files;
    if (!fs::is_directory(top / "configs/bench")) continue;
    for (const auto& entry : fs::directory_iterator(top / "configs/bench"))
      if (entry.path().extension() == ".json") files.push_back(entry.path().lexically_normal());
    std::ranges::sort(files);
    return files;
  }
  throw Error(ExitCode::kUsage,
              "lucid-bench: expected experiment files, found none; there is no "
              "folder configs/bench here");
}

Json report(const MachinePeaks& machine, Json networks) {
  return {{"machine", machine.json()}, {"networks", std::move(networks)}};
}

// Reads all files first: an error in the last one should not cost the time of the others.
void check(const std::vector<fs::path>& configs) {
  for (const fs::path& config : configs) read_bench_config(config);
}

int run_step(const Options& o) {
  check(o.configs);
  Engine engine(o.threads);
  std::vector<std::vector<StepFigures>> all;
  for (const fs::path& config : o.configs) all.push_back(measure_steps(config, engine, o.bench()));
  const MachinePeaks machine = measure_machine(engine);  // last: it takes memory of its own
  Json networks = Json::array();
  std::string text = machine.text();
  for (std::size_t i = 0; i < all.size(); ++i) {
    Json network = step_json(all[i], machine);
    network["config"] = o.configs[i].string();
    networks.push_back(std::move(network));
    text += o.configs[i].string() + ": batch " + std::to_string(all[i].front().batch_size) + "\n" +
            step_table(all[i], machine);
  }
  std::cout << (o.is_json ? json_text(report(machine, networks), 2) + "\n" : text);
  return 0;
}

int run_layers(const Options& o) {
  const std::vector<fs::path> configs = o.configs.empty() ? shipped_configs() : o.configs;
  check(configs);
  Engine engine(o.threads);
  const MachinePeaks machine = measure_machine(engine);
  if (!o.is_json) std::cout << machine.text();
  Json networks = Json::array();
  for (const fs::path& config : configs) {
    auto figures = measure_layers(config, engine, o.bench(), machine);
    std::vector<AlternativesFigures> alternatives;
    if (o.has_alternatives) alternatives = measure_alternatives(config, engine, o.bench(), machine);
    for (LayersFigures& each : figures)
      if (each.mode == Mode::kTrain) add_next_best(alternatives, each);
    networks.push_back(layers_json(figures));
    networks.back()["config"] = config.string();
    for (const LayersFigures& each : figures)
      if (!o.is_json)
        std::cout << '\n'
                  << config.string() << ": batch " << each.batch_size << ", "
                  << (each.mode == Mode::kTrain ? "training step\n" : "inference\n")
                  << layers_table(each) << std::flush;
    if (!o.has_alternatives) continue;
    networks.back()["alternatives"] = alternatives_json(alternatives);
    if (!o.is_json) std::cout << '\n' << alternatives_table(alternatives) << std::flush;
  }
  if (o.is_json) std::cout << json_text(report(machine, networks), 2) << '\n';
  return 0;
}

int run_ranks(const Options& o, const LinkOptions& link) {
  check(o.configs);
  Engine engine(o.threads);
  const Interconnect interconnect{link.latency_us * 1e-6, link.bandwidth_gbits * 1e9 / 8};
  Json networks = Json::array();
  for (const fs::path& config : o.configs) {
    const RankStep step = measure_rank_step(config, engine, o.bench());
    const std::vector<ScaledStep> scaled = scaled_steps(step, interconnect);
    networks.push_back(scaled_steps_json(step, scaled));
    networks.back()["config"] = config.string();
    if (!o.is_json) std::cout << config.string() << ": " << scaled_steps_table(step, scaled);
  }
  if (o.is_json) std::cout << json_text(networks, 2) << '\n';
  return 0;
}

void add_options(CLI::App& command, Options& o) {
  auto* train = command.add_flag("--train", o.is_train_only, "Time training only");
  command.add_flag("--infer", o.is_infer_only, "Time inference only")->excludes(train);
  command.add_option("--batch-size", o.batch_size, "Samples per batch; default: the config's")
      ->check(integer_range(1, 1 << 24));
  command
      .add_option(
          "--recompute", o.recompute_mb,
          "Compute activations again so that training's take so many MiB; 0: as few as can be")
      ->type_name("MIB")
      ->check(integer_range(0, 1 << 30));
  command.add_option("--repeats", o.repetition.repeats, "Minimum number of timed runs")
      ->check(integer_range(1, 1 << 24))
      ->capture_default_str();
  command.add_option("--seconds", o.repetition.seconds, "Minimum seconds of timed runs")
      ->check(number_range(0.0, 3600.0))
      ->capture_default_str();
  command.add_option("--threads", o.threads, "Threads; default: one per core, or OMP_NUM_THREADS")
      ->check(integer_range(1, 4096));
  command
      .add_option("--precision", o.precision,
                  "Type of convolutions and matrix products: float32, bfloat16; int8 for inference")
      ->check(one_of(precision_names()))
      ->capture_default_str();
  command.add_flag("--json", o.is_json, "Figures as JSON");
}

// `lucid-bench CONFIG` is short for `lucid-bench step CONFIG`.
std::vector<char*> with_command(int argc, char** argv, const CLI::App& app) {
  static char step[] = "step";
  std::vector<char*> arguments(argv, argv + argc);
  const std::string first = argc > 1 ? argv[1] : "";
  const bool is_whole = first.empty() || first == "-h" || first == "--help" || first == "--version";
  // A word close to the name of a subcommand, and no file's, is that subcommand misspelt.
  const auto is_first = [&](const CLI::App* command) {
    const std::vector<std::string> name{command->get_name()};
    return first == name[0] || (!fs::exists(first) && !closest_match(first, name).empty());
  };
  if (!is_whole && app.get_subcommands(is_first).empty())
    arguments.insert(arguments.begin() + 1, step);
  arguments.push_back(nullptr);
  return arguments;
}

}  // namespace
}  // namespace lucid

int main(int argc, char** argv) {
  lucid::limit_spinning(argv);
  lucid::Options o;
  CLI::App app("Times networks of experiment files on random volumes, and reading.", "lucid-bench");
  app.set_version_flag("--version", "lucid-bench " LUCID_VERSION);
  app.require_subcommand(1);
  auto* step = app.add_subcommand("step", "A training step and inference as a whole");
  step->add_option("config", o.configs, "Experiment files")->required();
  auto* layers = app.add_subcommand("layers", "Every step of the plan by itself");
  layers->add_option("config", o.configs, "Experiment files; default: those of configs/bench");
  layers->add_flag("--alternatives", o.has_alternatives,
                   "Also judge and time every route for every pass of every convolution");
  lucid::LinkOptions link;
  auto* ranks = &lucid::add_ranks(app, link);
  ranks->add_option("config", o.configs, "Experiment files")->required();
  for (CLI::App* command : {step, layers, ranks}) lucid::add_options(*command, o);
  lucid::ReadOptions reads;
  const CLI::App& read = lucid::add_read(app, reads, o.is_json);
  lucid::DigitsOptions digits_options;
  const CLI::App& digits = lucid::add_digits(app, digits_options, o.is_json);
  lucid::TuneOptions tune_options;
  const CLI::App& tune = lucid::add_tune(app, tune_options, o.is_json);
  std::vector<char*> arguments = lucid::with_command(argc, argv, app);
  return lucid::run_program(app, static_cast<int>(arguments.size()) - 1, arguments.data(), [&] {
    if (read.parsed()) return lucid::run_read(reads, o.is_json);
    if (digits.parsed()) return lucid::run_digits(digits_options, o.is_json);
    if (tune.parsed()) return lucid::run_tune(tune_options, o.is_json);
    if (ranks->parsed()) return lucid::run_ranks(o, link);
    return step->parsed() ? lucid::run_step(o) : lucid::run_layers(o);
  });
}
