#include "data/volumes/case_choice.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/text.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// The name of a file behind those of so many of the folders that it lies in.
std::string file_name(const fs::path& file, int folders) {
  std::string name = plain_stem(file);
  fs::path folder = file.parent_path();
  for (int i = 0; i < folders && folder.has_filename(); ++i, folder = folder.parent_path())
    name = folder.filename().string() + "/" + name;
  return name;
}

// A file that is named as what the star of its dataset stands for says it once.
std::string name_of(const VolumeStacks& stacks, int folders) {
  const fs::path& file = stacks.first().file();
  const bool says_all = stacks.star.empty() || plain_stem(file) == stacks.star;
  return file_name(file, folders) + (says_all ? "" : "_" + stacks.star);
}

bool are_unique(const std::vector<VolumeStacks>& stacks) {
  std::set<std::string> seen;
  return std::ranges::all_of(
      stacks, [&](const VolumeStacks& each) { return seen.insert(each.case_name(0)).second; });
}

void name_cases(std::vector<VolumeStacks>& stacks) {
  constexpr int kMostFolders = 32;
  for (VolumeStacks& each : stacks)
    each.name = each.star.empty() ? plain_stem(each.first().file()) : each.star;
  for (int folders = 0; folders < kMostFolders && !are_unique(stacks); ++folders)
    for (VolumeStacks& each : stacks) each.name = name_of(each, folders);
}

[[noreturn]] void refuse(const std::string& name, const std::vector<VolumeStacks>& stacks) {
  std::vector<std::string> known;
  for (const VolumeStacks& each : stacks)
    for (std::size_t sample = 0; sample < each.samples(); ++sample)
      known.push_back(each.case_name(sample));
  throw Error(ExitCode::kUsage,
              stacks.front().first().place() + ": " + no_such_case(name, std::move(known)));
}

}  // namespace

std::string no_such_case(const std::string& name, std::vector<std::string> known) {
  constexpr std::size_t kMostNamed = 10;
  std::string others;
  if (known.size() > kMostNamed && closest_match(name, known).empty()) {
    others = " and " + with_thousands(std::ssize(known) - std::int64_t{kMostNamed}) + " more";
    known.resize(kMostNamed);
  }
  return "no case " + in_quotes(name) + suggestion(name, known) + others;
}

std::string plain_stem(const fs::path& file) {
  const fs::path stem = file.stem();
  return file.extension() == ".gz" ? stem.stem().string() : stem.string();
}

// Behind the name of the file there may be that of the dataset, and the number of the sample.
bool may_be_of(const std::string& case_name, const fs::path& file) {
  const std::string name = case_name.substr(case_name.rfind('/') + 1), stem = plain_stem(file);
  return name == stem || name.starts_with(stem + "_");
}

void choose_cases(const std::vector<std::string>& cases, std::vector<VolumeStacks>& stacks) {
  name_cases(stacks);
  if (cases.empty()) return;
  std::unordered_map<std::string, bool> wanted;  // whether it was found
  for (const std::string& name : cases) wanted[name] = false;
  std::vector<std::vector<std::size_t>> chosen(stacks.size());
  for (std::size_t i = 0; i < stacks.size(); ++i)
    for (std::size_t sample = 0; sample < stacks[i].samples(); ++sample)
      if (const auto found = wanted.find(stacks[i].case_name(sample)); found != wanted.end()) {
        found->second = true;
        chosen[i].push_back(sample);
      }
  for (const std::string& name : cases)
    if (!wanted[name]) refuse(name, stacks);
  std::vector<VolumeStacks> left;
  for (std::size_t i = 0; i < stacks.size(); ++i) {
    if (chosen[i].empty()) continue;
    if (stacks[i].is_numbered())
      for (Stack* stack : stacks[i].all()) stack->choose(chosen[i]);
    left.push_back(std::move(stacks[i]));
  }
  stacks = std::move(left);
}

}  // namespace lucid
