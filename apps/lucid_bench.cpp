#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/stopwatch.h"
#include "base/table.h"
#include "base/text.h"
#include "calm_threads.h"
#include "graph/model.h"
#include "graph/parse.h"
#include "objective/objective.h"
#include "program.h"
#include "train/optimizer.h"

namespace lucid {
namespace {

struct Options {
  std::string config;
  std::int64_t batch_size = 0;
  double seconds = 4;
  int threads = 0;
};

struct Bench {
  Graph graph;
  std::unique_ptr<Objective> objective;
  OptimizerConfig optimizer;
  std::int64_t batch_size;
};

// What of an experiment file decides the speed of a step; data is not looked at.
Bench read_bench(const Options& o) {
  const Json json = read_json_file(o.config);
  Problems problems(o.config);
  JsonObject root(json, "", problems);
  auto model = root.object("model", true), data = root.object("data", false),
       optimizer = root.object("optimizer", true);
  problems.throw_if_any();
  Graph graph = read_graph(*model);
  auto objective = read_objective(root, output_names(graph));
  Bench bench{std::move(graph), std::move(objective), make_optimizer(*optimizer), o.batch_size};
  if (bench.batch_size == 0)
    bench.batch_size = data ? data->integer("batch_size", {1, 1 << 24}, 1) : 1;
  problems.throw_if_any();
  return bench;
}

// Random classes, or random values in the shape of the prediction.
std::vector<float> random_targets(const Bench& bench, const Shape& prediction, Rng& rng) {
  const auto classes = bench.objective->main().class_targets(bench.graph.output_shape());
  std::vector<float> targets(classes ? prediction.count() / static_cast<std::size_t>(prediction[1])
                                     : prediction.count());
  for (float& target : targets)
    target = classes ? static_cast<float>(rng.below(static_cast<std::uint64_t>(classes->classes)))
                     : static_cast<float>(rng.below(2));
  return targets;
}

struct Timing {
  double median, least;
};

// After two runs that are not counted: for so many seconds, but at least five times and at most
// 200.
template <class Work>
Timing time_of(double seconds, const Work& work) {
  work();
  work();
  std::vector<double> times;
  const Stopwatch whole;
  while ((whole.seconds() < seconds && times.size() < 200) || times.size() < 5) {
    const Stopwatch watch;
    work();
    times.push_back(watch.seconds());
  }
  std::ranges::sort(times);
  return {times[times.size() / 2], times.front()};
}

std::string fixed(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

// `weight`: a training step costs about three forward passes.
void add_row(Table& table, const std::string& what, const Timing& timing, const Bench& bench,
             const Graph& graph, double weight) {
  double flops = 0;
  for (const Node& node : graph.nodes()) flops += node.layer->flops(graph.input_shapes(node));
  flops *= weight * static_cast<double>(bench.batch_size);
  table.add({what, fixed(timing.median * 1e3, 3), fixed(timing.least * 1e3, 3),
             fixed(static_cast<double>(bench.batch_size) / timing.median, 1),
             fixed(flops / timing.median * 1e-9, 1)});
}

int run(const Options& o) {
  Bench bench = read_bench(o);
  Engine engine(o.threads);
  const Shape prediction = bench.graph.output_shape().with_batch(bench.batch_size);
  Rng rng(0, "bench");
  const std::vector<float> targets = random_targets(bench, prediction, rng);
  Model model(std::move(bench.graph), engine, 0);
  Plan& plan = model.plan(Mode::kTrain, bench.batch_size);
  bench.optimizer.optimizer->prepare(engine, model.parameters());
  const StepRates rates = bench.optimizer.optimizer->constant_rates(bench.optimizer.learning_rate);
  Plan& inference = model.plan(Mode::kInfer, bench.batch_size);
  for (Plan* each : {&plan, &inference})
    for (float& value : each->input().values()) value = static_cast<float>(rng.normal());

  Table table({"", "median ms", "least ms", "samples/s", "GFLOP/s"});
  const Timing step = time_of(o.seconds, [&] {
    plan.forward();
    bench.objective->evaluate(output_values(plan, model.graph(), bench.batch_size), targets);
    plan.backward();
    bench.optimizer.optimizer->step(model.parameters(), rates);
  });
  add_row(table, "training step", step, bench, model.graph(), 3);
  add_row(table, "inference", time_of(o.seconds, [&] { inference.forward(); }), bench,
          model.graph(), 1);
  std::cout << o.config << ": batch " << bench.batch_size << ", " << engine.describe() << '\n'
            << table.text();
  return 0;
}

}  // namespace
}  // namespace lucid

int main(int argc, char** argv) {
  lucid::calm_threads(argv);
  lucid::Options o;
  CLI::App app(
      "Times the training step and the inference of an experiment's network on random volumes.",
      "lucid-bench");
  app.set_version_flag("--version", "lucid-bench " LUCID_VERSION);
  app.add_option("config", o.config, "Experiment file; its data is not needed")->required();
  app.add_option("--batch-size", o.batch_size, "Default: the config's")
      ->check(CLI::Range(1, 1 << 24));
  app.add_option("--seconds", o.seconds, "How long each is repeated")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  app.add_option("--threads", o.threads, "Threads; default: all cores, or OMP_NUM_THREADS")
      ->check(CLI::Range(1, 4096));
  return lucid::run_program(app, argc, argv, [&] { return lucid::run(o); });
}
