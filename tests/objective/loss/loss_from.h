#pragma once

#include "objective/loss/loss.h"
#include "support/from_text.h"

namespace lucid::test {

// Reads a loss from JSON text as if it stood at /loss of a.json.
inline std::unique_ptr<Loss> loss_from(const std::string& text) {
  return from_text(text, "/loss", make_loss);
}

}  // namespace lucid::test
