#pragma once

#include <functional>
#include <optional>

#include "folds/fold_summary.h"
#include "folds/postprocess_choice.h"

namespace lucid {

// What postprocessing.json holds: the rules that were chosen, null if none helps, Dice without and
// with them, and the same of each step that was tried.
Json postprocess_choice_json(const PostprocessChoice& choice);

// Chooses postprocessing by the classes that all folds have predicted of the cases that they hold
// out, in one pass over these, and writes postprocessing.json; what it says of the same predictions
// already is left. The rules are put into the checkpoints of all folds, but for those that another
// process is training. Returns the file's content, or nothing if `goes_on`, asked before each case,
// stopped it. Throws Error.
std::optional<Json> validated_rules(const CrossValidation& folds,
                                    const std::function<bool()>& goes_on);

}  // namespace lucid
