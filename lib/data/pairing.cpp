#include "data/pairing.h"

#include <optional>

#include "base/text.h"

namespace lucid {
namespace {

bool is_pattern(const hdf5::File& file, const std::string& path) {
  return path.find('*') != std::string::npos && !file.has_dataset(path);
}

// What the pattern's * stands for in the path.
std::optional<std::string> star_in(const std::string& path, const std::string& pattern) {
  const auto star = pattern.find('*');
  const std::string before = pattern.substr(0, star), after = pattern.substr(star + 1);
  if (path.size() <= before.size() + after.size()) return std::nullopt;
  if (!path.starts_with(before) || !path.ends_with(after)) return std::nullopt;
  std::string middle = path.substr(before.size(), path.size() - before.size() - after.size());
  if (middle.find('/') != std::string::npos) return std::nullopt;
  return middle;
}

std::string with_star(const std::string& pattern, const std::string& star) {
  return std::string(pattern).replace(pattern.find('*'), 1, star);
}

std::string without_leading_slash(const std::string& path) {
  return path.starts_with('/') ? path.substr(1) : path;
}

[[noreturn]] void fail(const hdf5::File& file, const std::string& message) {
  throw Error(ExitCode::kData, file.path().string() + ": " + message);
}

}  // namespace

std::vector<DatasetPair> pair_datasets(const hdf5::File& file, const std::string& input_path,
                                       const std::string& target_path) {
  const std::string input = without_leading_slash(input_path);
  const std::string target = without_leading_slash(target_path);
  const bool target_varies = is_pattern(file, target);
  if (!is_pattern(file, input)) {
    if (target_varies)
      fail(file, "target " + in_quotes(target) + " holds a * and input " + in_quotes(input) +
                     " none; expected one in both or in neither");
    return {{input, target}};
  }
  if (!target.empty() && !target_varies)
    fail(file, "input " + in_quotes(input) + " holds a * and target " + in_quotes(target) +
                   " none; expected one in both or in neither");
  std::vector<DatasetPair> pairs;
  const std::vector<std::string> known = file.datasets();
  for (const std::string& path : known) {
    const auto star = star_in(path, input);
    if (!star) continue;
    pairs.push_back({path, target.empty() ? "" : with_star(target, *star)});
    if (!target.empty() && !file.has_dataset(pairs.back().target))
      fail(file, "expected the target " + in_quotes(pairs.back().target) + " of " +
                     in_quotes(path) + ", found none");
  }
  if (pairs.empty())
    fail(file, "no dataset matches " + in_quotes(input) + "; known: " + join(known, ", "));
  return pairs;
}

}  // namespace lucid
