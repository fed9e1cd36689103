#include "formats/split/assign.h"

#include <algorithm>
#include <map>

#include "base/rng.h"

namespace lucid {

// Units go one by one to the set that lacks most, so that any run of units, and hence every class,
// is divided in proportion.
std::vector<std::size_t> assign_to_sets(const std::vector<std::int64_t>& classes,
                                        const std::vector<double>& fractions, std::uint64_t seed) {
  Rng rng(seed, "split");
  const std::vector<std::size_t> order = permutation(classes.size(), rng);
  std::map<std::int64_t, std::vector<std::size_t>> by_class;
  for (const std::size_t unit : order) by_class[classes[unit]].push_back(unit);
  std::vector<double> parts = fractions;  // the last part goes to no set
  double rest = 1;
  for (const double fraction : fractions) rest -= fraction;
  parts.push_back(rest < 1e-9 ? 0 : rest);
  std::vector<double> owed(parts.size(), 0);
  std::vector<std::size_t> sets(classes.size());
  for (const auto& [label, units] : by_class)
    for (const std::size_t unit : units) {
      for (std::size_t set = 0; set < parts.size(); ++set) owed[set] += parts[set];
      sets[unit] =
          static_cast<std::size_t>(std::max_element(owed.begin(), owed.end()) - owed.begin());
      owed[sets[unit]] -= 1;
    }
  return sets;
}

}  // namespace lucid
