#include "bench/layer_bench.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/table.h"
#include "base/text.h"
#include "bench/workload.h"

namespace lucid {
namespace {

constexpr double kSlowShare = 0.5, kLargePart = 0.01;

StepReport outside_of_plan(const std::string& what, const Traffic& traffic) {
  StepReport report;
  report.what = what;
  report.implementation = "lucid";
  report.is_backward = what == "optimizer";
  report.bytes_read = traffic.read;
  report.bytes_written = traffic.written;
  return report;
}

// Returns the parts of a step in execution order; for training including the loss and the update.
std::vector<StepReport> parts_of(Workload& work) {
  std::vector<StepReport> parts;
  bool has_loss = false;
  for (StepReport& report : work.plan().report()) {
    if (report.is_preparation) continue;
    if (report.is_backward && !has_loss) {
      parts.push_back(outside_of_plan("loss", work.loss_traffic()));
      has_loss = true;
    }
    parts.push_back(std::move(report));
  }
  if (!work.plan().is_training()) return parts;
  if (!has_loss) parts.push_back(outside_of_plan("loss", work.loss_traffic()));
  parts.push_back(outside_of_plan("optimizer", work.optimizer_traffic()));
  return parts;
}

// Returns the seconds of every part in one more step. `so_far` holds the totals of the plan's
// steps.
std::vector<double> time_step(Workload& work, std::vector<double>& so_far) {
  const StepParts outside = work.step();
  std::vector<double> seconds;
  std::size_t i = 0;
  for (const StepReport& report : work.plan().report()) {
    if (report.is_preparation) continue;
    if (so_far.size() == i) so_far.push_back(0);
    seconds.push_back(report.seconds - so_far[i]);
    so_far[i++] = report.seconds;
  }
  if (!work.plan().is_training()) return seconds;
  const auto backward_begin = std::ranges::count_if(work.plan().report(), [](const auto& report) {
    return !report.is_preparation && !report.is_backward;
  });
  seconds.insert(seconds.begin() + backward_begin, outside.loss);
  seconds.push_back(outside.update);
  return seconds;
}

LayersFigures measure(const std::filesystem::path& config, Engine& engine,
                      const BenchOptions& options, const MachinePeaks& machine, Mode mode) {
  BenchConfig read = read_bench_config(config);
  read.batch_size = options.batch_size.value_or(read.batch_size);
  read.routes = options.routes;
  read.precision = options.precision;
  read.memory_budget = options.memory_budget;
  Workload work(std::move(read), engine, mode);
  work.plan().measure();
  std::vector<double> so_far;
  std::vector<std::vector<double>> runs;
  time_of(options.repetition, [&] { runs.push_back(time_step(work, so_far)); });
  LayersFigures figures{mode, work.batch_size(), {}, work.plan().choices()};
  std::vector<StepReport> parts = parts_of(work);
  for (std::size_t part = 0; part < parts.size(); ++part) {
    std::vector<double> times;
    for (std::size_t run = 2; run < runs.size(); ++run) times.push_back(runs[run][part]);
    parts[part].seconds = std::ranges::min(times);
    figures.steps.push_back(judged(std::move(parts[part]), machine));
  }
  return figures;
}

std::string share_text(double share) { return fixed_text(share * 100, 0) + "%"; }

std::string mark(double share, double part) {
  if (share >= kSlowShare) return "";
  return part >= kLargePart ? "SLOW" : "slow";
}

// Turns "1x8x10x10x10 aBcde8b" into "aBcde8b".
std::string order_in(const std::string& layout) { return layout.substr(layout.find(' ') + 1); }

std::string next_text(const NextBest& next) {
  return next.route + " " + fixed_text(next.seconds * 1e3, 3) + " ms, " +
         fixed_text(next.ratio(), 2) + "x";
}

double rate(double count, const StepReport& step) { return count / step.seconds * 1e-9; }

}  // namespace

LayerFigures judged(StepReport step, const MachinePeaks& machine) {
  const double by_products = step.flops / machine.flops_per_second();
  const double by_memory = static_cast<double>(step.bytes_read) / machine.memory.reading +
                           static_cast<double>(step.bytes_written) / machine.memory.writing;
  const double share = std::max(by_products, by_memory) / step.seconds;
  return {std::move(step), share, by_memory > by_products};
}

double LayersFigures::seconds() const {
  double sum = 0;
  for (const LayerFigures& figures : steps) sum += figures.step.seconds;
  return sum;
}

double LayersFigures::share() const {
  double sum = 0;
  for (const LayerFigures& figures : steps) sum += figures.share * figures.step.seconds;
  return sum / seconds();
}

std::int64_t LayersFigures::reorder_count() const {
  return std::ranges::count_if(
      steps, [](const LayerFigures& figures) { return figures.step.what == "reorder"; });
}

std::vector<LayersFigures> measure_layers(const std::filesystem::path& config, Engine& engine,
                                          const BenchOptions& options,
                                          const MachinePeaks& machine) {
  std::vector<LayersFigures> all;
  for (const Mode mode : options.modes)
    all.push_back(measure(config, engine, options, machine, mode));
  return all;
}

std::string layers_table(const LayersFigures& figures) {
  const bool has_next = std::ranges::any_of(
      figures.steps, [](const LayerFigures& each) { return each.next_best.has_value(); });
  std::vector<std::string> head = {"layer",       "step",    "route", "implementation",
                                   "first value", "layouts", "ms",    "of all",
                                   "GFLOP/s",     "GB/s",    "share", ""};
  if (has_next) head.push_back("next best");
  Table table(head);
  const double all = figures.seconds();
  for (const auto& [step, share, is_bound_by_memory, next_best] : figures.steps) {
    std::vector<std::string> orders;
    for (const std::string& layout : step.layouts) orders.push_back(order_in(layout));
    const std::string first = step.layouts.empty() ? "" : step.layouts.front();
    std::vector<std::string> row = {
        step.node,
        step.what,
        step.route,
        step.implementation,
        first.substr(0, first.find(' ')),
        join(orders, ","),
        fixed_text(step.seconds * 1e3, 3),
        fixed_text(step.seconds / all * 100, 1) + "%",
        step.flops > 0 ? fixed_text(rate(step.flops, step), 1) : "",
        fixed_text(rate(static_cast<double>(step.bytes()), step), 1),
        share_text(share) + (is_bound_by_memory ? " of memory" : " of peak"),
        mark(share, step.seconds / all)};
    if (has_next) row.push_back(next_best ? next_text(*next_best) : "");
    table.add(row);
  }
  std::vector<std::string> sum = {"sum", std::to_string(figures.reorder_count()) + " reorders"};
  sum.resize(head.size());
  sum[6] = fixed_text(all * 1e3, 3);
  sum[10] = share_text(figures.share());
  table.add(sum);
  return table.text();
}

Json layers_json(std::span<const LayersFigures> figures) {
  Json json = Json::object();
  for (const LayersFigures& mode : figures) {
    Json steps = Json::array();
    for (const auto& [step, share, is_bound_by_memory, next_best] : mode.steps) {
      steps.push_back({{"layer", step.node},
                       {"step", step.what},
                       {"direction", step.is_backward ? "backward" : "forward"},
                       {"route", step.route},
                       {"implementation", step.implementation},
                       {"layouts", step.layouts},
                       {"ms", step.seconds * 1e3},
                       {"flops", step.flops},
                       {"bytes_read", step.bytes_read},
                       {"bytes_written", step.bytes_written},
                       {"gflops", rate(step.flops, step)},
                       {"gb_per_second", rate(static_cast<double>(step.bytes()), step)},
                       {"bound", is_bound_by_memory ? "memory" : "multiply-adds"},
                       {"share", share},
                       {"is_slow", share < kSlowShare}});
      if (next_best)
        steps.back()["next_best"] = {{"route", next_best->route},
                                     {"ms", next_best->seconds * 1e3},
                                     {"ratio", next_best->ratio()}};
    }
    json[mode_name(mode.mode)] = {{"batch_size", mode.batch_size},
                                  {"ms", mode.seconds() * 1e3},
                                  {"share", mode.share()},
                                  {"reorders", mode.reorder_count()},
                                  {"steps", steps}};
  }
  return json;
}

}  // namespace lucid
