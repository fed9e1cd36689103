#include "objective/target_rules.h"

namespace lucid {

std::vector<ValueRule> target_rules(const Objective& objective, std::span<const Shape> outputs,
                                    TargetType type) {
  std::vector<ValueRule> rules;
  if (type == TargetType::kFloats) rules.emplace_back();
  for (const ObjectiveTerm& term : objective.terms()) {
    if (const auto range = term.loss->label_range(outputs[term.output], type))
      rules.push_back({ValueRule::Kind::kClass, range->classes, range->ignore_index});
    else if (term.loss->prediction_kind() == PredictionKind::kBinaryLogits)
      rules.push_back({ValueRule::Kind::kShare, 0, term.loss->ignore_index()});
  }
  return rules;
}

}  // namespace lucid
