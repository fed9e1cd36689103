#include "data/volumes/pairing.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace lucid {
namespace {

bool is_pattern(const hdf5::File& file, const std::string& path) {
  return path.find('*') != std::string::npos && !file.has_dataset(path);
}

// Returns what the pattern's * matches in the path.
std::optional<std::string> star_in(const std::string& path, const std::string& pattern) {
  const auto star = pattern.find('*');
  const std::string before = pattern.substr(0, star), after = pattern.substr(star + 1);
  if (path.size() <= before.size() + after.size()) return std::nullopt;
  if (!path.starts_with(before) || !path.ends_with(after)) return std::nullopt;
  std::string middle = path.substr(before.size(), path.size() - before.size() - after.size());
  if (middle.find('/') != std::string::npos) return std::nullopt;
  return middle;
}

// Looks only where a match can be: in one group, and in each of its members that match.
std::vector<std::string> matches_of(const hdf5::File& file, const std::string& pattern) {
  const auto star = pattern.find('*'), slash = pattern.rfind('/', star);
  const std::string group = slash == std::string::npos ? "" : pattern.substr(0, slash);
  const auto end = pattern.find('/', star);
  const std::string rest = end == std::string::npos ? "" : pattern.substr(end);
  std::vector<std::string> found;
  if (!file.has_group(group)) return found;
  for (const std::string& name : file.children(group)) {
    const std::string path = hdf5::path_below(group, name) + rest;
    if (star_in(path, pattern) && file.has_link(path) && !file.has_group(path))
      found.push_back(path);
  }
  std::ranges::sort(found);
  return found;
}

std::string with_star(const std::string& pattern, const std::string& star) {
  return std::string(pattern).replace(pattern.find('*'), 1, star);
}

std::string without_leading_slash(const std::string& path) {
  return path.starts_with('/') ? path.substr(1) : path;
}

void check_stars(const hdf5::File& file, const std::string& input, const Companion& companion) {
  const bool varies = is_pattern(file, input);
  const std::string path = without_leading_slash(companion.path);
  if (path.empty() || is_pattern(file, path) == varies) return;
  const std::string companion_text = companion.role + " " + in_quotes(path);
  const std::string input_text = "input " + in_quotes(input);
  fail(file.path().string(), (varies ? input_text : companion_text) + " holds a * and " +
                                 (varies ? companion_text : input_text) +
                                 " none; expected one in both or in neither");
}

std::string companion_of(const hdf5::File& file, const DatasetGroup& group,
                         const Companion& companion) {
  const std::string path = without_leading_slash(companion.path);
  if (path.empty()) return "";
  std::string found = with_star(path, group.star);
  if (!file.has_dataset(found))
    fail(file.path().string(), "expected the " + companion.role + " " + in_quotes(found) + " of " +
                                   in_quotes(group.input) + ", found none");
  return found;
}

}  // namespace

std::vector<DatasetGroup> group_datasets(const hdf5::File& file, const std::string& input_path,
                                         const std::vector<Companion>& companions) {
  const std::string input = without_leading_slash(input_path);
  for (const Companion& companion : companions) check_stars(file, input, companion);
  if (!is_pattern(file, input)) {
    DatasetGroup group{"", input, {}};
    for (const Companion& companion : companions)
      group.companions.push_back(without_leading_slash(companion.path));
    return {group};
  }
  std::vector<DatasetGroup> groups;
  for (const std::string& path : matches_of(file, input)) {
    DatasetGroup& group = groups.emplace_back(DatasetGroup{star_in(path, input).value(), path, {}});
    for (const Companion& companion : companions)
      group.companions.push_back(companion_of(file, group, companion));
  }
  if (groups.empty())
    fail(file.path().string(),
         "no dataset matches " + in_quotes(input) + file.known_datasets(input));
  return groups;
}

}  // namespace lucid
