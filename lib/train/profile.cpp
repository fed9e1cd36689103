#include "train/profile.h"

#include <algorithm>

#include "base/stopwatch.h"
#include "base/table.h"
#include "base/text.h"
#include "data/loader/shard.h"

namespace lucid {
namespace {

struct Times {
  std::vector<double> steps;              // whole ones
  double data = 0, loss = 0, update = 0;  // sums
};

// Takes one training step of the largest shard of a full batch, which is the last, and adds its
// times.
void timed_step(Session& session, const Batch& batch, const StepRates& rates, Times& times) {
  const auto shards = static_cast<std::size_t>(session.config().train.shards);
  const Shard shard = shard_of(batch, shards, shard_count(batch.size, shards) - 1);
  Model& model = session.model();
  Plan& plan = session.training_plan(session.shard_size());
  const Stopwatch whole;
  std::ranges::copy(shard.samples, plan.input().values().begin());
  plan.forward();
  Stopwatch part;
  session.config().objective->evaluate(output_values(plan, model.graph(), session.shard_size()),
                                       shard.targets);
  times.loss += part.seconds();
  plan.backward();
  part.restart();
  session.config().optimizer->step(model.parameters(), rates);
  times.update += part.seconds();
  times.steps.push_back(whole.seconds());
}

std::string table_of(const Plan& plan, const Times& times) {
  const auto count = static_cast<double>(times.steps.size());
  double total = times.data;
  for (const double seconds : times.steps) total += seconds;
  Table table({"layer", "step", "implementation", "direction", "ms", "share"});
  const auto add = [&](const std::string& layer, const std::string& what,
                       const std::string& implementation, const std::string& direction,
                       double seconds) {
    table.add({layer, what, implementation, direction, fixed_text(seconds / count * 1e3, 3),
               fixed_text(seconds / total * 100, 1) + "%"});
  };
  for (const StepReport& step : plan.report())
    add(step.node, step.what, step.implementation,
        step.is_recomputed ? "again"
        : step.is_backward ? "backward"
                           : "forward",
        step.seconds);
  add("", "loss", "", "", times.loss);
  add("", "optimizer", "", "", times.update);
  add("", "wait for data", "", "", times.data);
  return table.text();
}

}  // namespace

std::string profile(Session& session, std::int64_t steps) {
  LoaderOptions options = session.train_loader_options();
  options.drop_last = true;  // every step is one of a full batch
  Loader loader(session.train_set(), options, session.normalization());
  Plan& plan = session.training_plan(session.shard_size());
  session.config().optimizer->prepare(session.engine(), session.model().parameters());
  const StepRates rates =
      session.config().optimizer->constant_rates(session.config().learning_rate);
  Times times;
  std::int64_t epoch = 0;
  loader.start(epoch);
  for (std::int64_t step = -1; step < steps; ++step) {
    Stopwatch wait;
    const Batch* batch = loader.next();
    if (batch == nullptr) {
      loader.start(++epoch);
      batch = loader.next();
    }
    if (step == 0) plan.measure();
    if (step <= 0) times = {};
    times.data += wait.seconds();
    timed_step(session, *batch, rates, times);
  }
  std::ranges::sort(times.steps);
  const double median = times.steps[times.steps.size() / 2];
  return table_of(plan, times) + "median of " + std::to_string(steps) + " steps of " +
         std::to_string(session.shard_size()) + " samples: " + fixed_text(median * 1e3, 3) +
         " ms, " + fixed_text(static_cast<double>(session.shard_size()) / median, 1) +
         " samples/s; " + session.engine().describe() + "\n";
}

}  // namespace lucid
