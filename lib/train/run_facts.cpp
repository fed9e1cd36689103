#include "train/run_facts.h"

#include <nlohmann/json.hpp>

#include "train/set_facts.h"
#include "train/time_limit.h"

namespace lucid {
namespace {

Json facts_of_set(const Session& session, const std::string& name) {
  const DataConfig& data = session.config().data;
  if (name == "train") return set_facts(data.train, session.train_set());
  if (!data.validation) return nullptr;
  return set_facts(*data.validation, *session.validation_set());
}

}  // namespace

RunLength run_length(const Session& session) {
  const TrainConfig& config = session.config().train;
  const auto samples = static_cast<std::int64_t>(session.train_set().size());
  const std::int64_t size = session.batch_size();
  const std::int64_t batches =
      session.config().data.drop_last ? samples / size : (samples - 1) / size + 1;
  return {config.epochs, (batches + config.accumulate - 1) / config.accumulate, config.max_steps};
}

RunLength run_length(const Session& session, const Progress& progress) {
  RunLength length = run_length(session);
  length.epochs = planned_epochs(progress, session.config().train);
  return length;
}

bool is_finished(const Progress& progress, const TrainConfig& config) {
  return progress.epoch >= planned_epochs(progress, config) ||
         (config.max_steps && progress.step >= *config.max_steps) ||
         (config.early_stopping && progress.epochs_since_best >= config.early_stopping->patience);
}

State facts_of(Session& session) {
  State facts;
  for (const std::string name : kSetNames)
    facts.texts[name + "_set"] = json_text(facts_of_set(session, name));
  facts.texts["machine"] = "lucid " LUCID_VERSION ", " + session.engine().describe();
  facts.integers["steps_per_epoch"] = run_length(session).steps_per_epoch;
  return facts;
}

}  // namespace lucid
