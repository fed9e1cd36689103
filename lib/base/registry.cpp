#include "base/registry.h"

#include "base/text.h"

namespace lucid {

std::string no_such(std::string_view kind, std::string_view name,
                    std::span<const std::string> known) {
  const std::string best = closest_match(name, known);
  return "no " + std::string(kind) + " " + in_quotes(name) +
         (best.empty() ? ";" : "; did you mean " + in_quotes(best) + "?") +
         " known: " + join(known, ", ");
}

}  // namespace lucid
