#pragma once

#include <filesystem>
#include <optional>

#include "labels/postprocess_rules.h"

namespace lucid {

// The rules of postprocessing that validation chose for what a checkpoint predicts, in its
// attribute "postprocess". The file must be one that CheckpointFile has compared with its
// checksums. Throws Error(kData) if they are no rules.
std::optional<PostprocessRules> stored_rules(const std::filesystem::path& checkpoint);

// Whether these are the rules of a checkpoint, which is compared with its checksums. Throws Error.
bool holds_rules(const std::filesystem::path& checkpoint,
                 const std::optional<PostprocessRules>& rules);

// Puts the rules into the checkpoint in place of those that are there; without any it has none.
// Does nothing if it has the same. The file is replaced at once, as save_checkpoint() does, and
// equal contents give equal bytes. No other process may write it meanwhile. Throws Error.
void store_rules(const std::filesystem::path& checkpoint,
                 const std::optional<PostprocessRules>& rules);

}  // namespace lucid
