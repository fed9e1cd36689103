#pragma once

#include <map>
#include <optional>
#include <vector>

#include "labels/largest_overlaps.h"
#include "labels/postprocess_rules.h"

namespace lucid {

// The connectivity of components that are looked for: that of rules which do not say another one.
inline constexpr Connectivity kChosenConnectivity = Connectivity::kCorners;

// What keeping the largest components leaves of each label but 0 of a case, and how much is right.
using CaseOverlaps = std::map<Label, LargestOverlaps>;

// Means over cases as summary.json has them: a case in which a class is in neither volume does not
// count for it; a mean over nothing is NaN.
struct DiceMeans {
  std::map<Label, double> classes;
  double foreground = 0;  // the mean over classes
};

// A rule that was tried on top of those kept before it.
struct TriedRule {
  PostprocessRules rule;
  DiceMeans after;
  bool is_kept = false;
};

struct PostprocessChoice {
  std::optional<PostprocessRules> rules;  // all that are kept, if any
  std::vector<TriedRule> tried;           // in order
  DiceMeans before, after;                // without rules, and with all that are kept
};

// Chooses as nnU-Net does: keep only the largest component of all classes together, then class by
// class the largest one of the class. A rule is kept if the mean over classes rises by it and that
// of no class falls.
PostprocessChoice choose_postprocessing(const std::vector<CaseOverlaps>& cases);

}  // namespace lucid
