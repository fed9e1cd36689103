#include "infer/predict/validated_postprocessing.h"

#include <nlohmann/json.hpp>
#include <span>

#include "store/stored_rules.h"

namespace lucid {

bool may_take_stored_rules(const InferOptions& options) {
  return options.takes_stored_rules && !options.postprocess &&
         options.activation == Activation::kArgmax;
}

InferOptions with_stored_rules(InferOptions options, const TrainedConfig& config,
                               const InferNote& note) {
  if (!may_take_stored_rules(options) || !predicts_voxels(config.graph)) return options;
  const std::filesystem::path& first = options.checkpoints.front();
  const std::optional<PostprocessRules> rules = stored_rules(first);
  for (const std::filesystem::path& other : std::span(options.checkpoints).subspan(1))
    if (postprocess_json(stored_rules(other)) != postprocess_json(rules)) {
      note("warning: " + other.string() + ": expected the postprocessing of " + first.string() +
           " from validation, found another; classes are left as they are: give --postprocess");
      options.takes_stored_rules = false;  // told once
      return options;
    }
  options.postprocess = rules;
  if (rules)
    note(first.string() + ": classes are postprocessed by " + postprocess_text(*rules) +
         ", chosen by validation; --postprocess none leaves them as they are");
  return options;
}

}  // namespace lucid
