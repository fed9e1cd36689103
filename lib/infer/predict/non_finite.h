#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "data/volumes/value_rule.h"

namespace lucid {

// Notes which volumes hold values that are not finite, or have such predictions.
class NonFinite {
 public:
  bool is_known(std::size_t volume) const { return volumes_.contains(volume); }
  void add_input(std::size_t volume, const StoredValue& found);
  // `place` names the volume, whose values are finite.
  void add_prediction(std::size_t volume, const std::string& place);
  void add_target(std::size_t volume, const StoredValue& found);

  // Returns a sentence about the first volume and how many there are; empty if there is none.
  std::string warning() const;

 private:
  void add(std::size_t volume, const std::string& text);

  std::set<std::size_t> volumes_;
  std::string first_;
};

}  // namespace lucid
