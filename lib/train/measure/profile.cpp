#include "train/measure/profile.h"

#include <algorithm>
#include <nlohmann/json.hpp>

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

std::vector<Profile::Row> rows_of(const Plan& plan, const Times& times) {
  const auto count = static_cast<double>(times.steps.size());
  std::vector<Profile::Row> rows;
  for (const StepReport& step : plan.report())
    rows.push_back({step.node, step.what, step.implementation,
                    step.is_recomputed ? "again"
                    : step.is_backward ? "backward"
                                       : "forward",
                    step.seconds / count});
  rows.push_back({"", "loss", "", "", times.loss / count});
  rows.push_back({"", "optimizer", "", "", times.update / count});
  rows.push_back({"", "wait for data", "", "", times.data / count});
  return rows;
}

}  // namespace

std::string Profile::text() const {
  Table table({"layer", "step", "implementation", "direction", "ms", "share"});
  for (const Row& row : rows)
    table.add({row.layer, row.step, row.implementation, row.direction,
               fixed_text(row.seconds * 1e3, 3),
               fixed_text(row.seconds / mean_seconds * 100, 1) + "%"});
  return table.text() + "median of " + std::to_string(count) + " steps of " +
         std::to_string(samples) + " samples: " + fixed_text(median_seconds * 1e3, 3) + " ms, " +
         fixed_text(static_cast<double>(samples) / median_seconds, 1) + " samples/s; " + machine +
         "\n";
}

Json Profile::json() const {
  Json steps = Json::array();
  for (const Row& row : rows)
    steps.push_back({{"layer", row.layer},
                     {"step", row.step},
                     {"implementation", row.implementation},
                     {"direction", row.direction},
                     {"ms", row.seconds * 1e3}});
  return {{"count", count},
          {"samples", samples},
          {"median_ms", median_seconds * 1e3},
          {"machine", machine},
          {"steps", std::move(steps)}};
}

Profile profile(Session& session, std::int64_t steps) {
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
  double total = times.data;
  for (const double seconds : times.steps) total += seconds;
  std::ranges::sort(times.steps);
  return {.rows = rows_of(plan, times),
          .count = steps,
          .samples = session.shard_size(),
          .mean_seconds = total / static_cast<double>(steps),
          .median_seconds = times.steps[times.steps.size() / 2],
          .machine = session.engine().describe()};
}

}  // namespace lucid
