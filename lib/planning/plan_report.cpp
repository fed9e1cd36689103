#include <nlohmann/json.hpp>

#include "base/table.h"
#include "base/text.h"
#include "planning/planner.h"

namespace lucid {

Json plan_json(const MadePlan& plan) {
  Json reasons = Json::object();
  for (const auto& [pointer, sentences] : plan.experiment.comments) reasons[pointer] = sentences;
  return {{"fingerprint", fingerprint_json(plan.fingerprint)},
          {"plan", plan.plan},
          {"reasons", reasons}};
}

std::string plan_explanation(const MadePlan& plan) {
  std::string text;
  if (!plan.choice.tried.empty()) {
    Table table({"candidate", "s/step", "steps", "epochs", "GiB"});
    for (std::size_t i = 0; i < plan.choice.tried.size(); ++i) {
      const Tried& one = plan.choice.tried[i];
      table.add({plan.described[i], fixed_text(one.cost.step_seconds, 4),
                 with_thousands(one.length.steps()), std::to_string(one.length.epochs),
                 fixed_text(one.cost.bytes / (1 << 30), 2)});
    }
    text += table.text();
  }
  for (const auto& [pointer, sentences] : plan.experiment.comments)
    for (const std::string& sentence : sentences) text += pointer + ": " + sentence + '\n';
  return text;
}

}  // namespace lucid
