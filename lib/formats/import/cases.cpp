#include "formats/import/cases.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "data/volumes/volumes.h"
#include "formats/readers/open_volume.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

// Hidden files are not volumes: archives made on macOS are full of them.
Paths volumes_in(const fs::path& folder) {
  Paths found;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && !name.starts_with('.') && !volume_extension(name).empty())
      found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  if (found.empty())
    throw Error(ExitCode::kUsage, folder.string() +
                                      ": expected a folder of volumes (.nii.gz, .nrrd, .npy, ...), "
                                      "found none");
  return found;
}

Paths expand(const std::vector<std::string>& entries) {
  Paths paths;
  for (const std::string& entry : entries) {
    const Paths found =
        fs::is_directory(entry) ? volumes_in(entry) : expand_files({entry}, fs::path());
    paths.insert(paths.end(), found.begin(), found.end());
  }
  return paths;
}

// Splits "NAME_0001", channel 1 of NAME.
std::optional<std::string> without_channel(const std::string& name) {
  if (name.size() < 6 || name[name.size() - 5] != '_') return std::nullopt;
  const bool are_digits =
      std::all_of(name.end() - 4, name.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  return are_digits ? std::optional(name.substr(0, name.size() - 5)) : std::nullopt;
}

std::map<std::string, fs::path> by_name(const Paths& labels) {
  std::map<std::string, fs::path> named;
  for (const fs::path& label : labels) {
    const auto [at, is_new] = named.emplace(case_name(label), label);
    if (!is_new)
      throw Error(ExitCode::kData, label.string() + ": expected labels of different names, found " +
                                       at->second.string() + " as well");
  }
  return named;
}

std::vector<ImportCase> cases_of(const Paths& images,
                                 const std::map<std::string, fs::path>& labels) {
  std::vector<ImportCase> cases;
  std::map<std::string, std::size_t> places;
  for (const fs::path& image : images) {
    const std::string name = case_name(image);
    const auto stripped = without_channel(name);
    const bool is_channel = !labels.contains(name) && stripped && labels.contains(*stripped);
    const auto [at, is_new] = places.emplace(is_channel ? *stripped : name, cases.size());
    if (is_new) {
      cases.push_back({at->first, {image}, std::nullopt});
      continue;
    }
    ImportCase& known = cases[at->second];
    if (!is_channel || case_name(known.images.front()) == at->first)
      throw Error(ExitCode::kData, image.string() + ": expected images of different names, found " +
                                       known.images.front().string() + " as well");
    known.images.push_back(image);
  }
  return cases;
}

void pair_labels(std::vector<ImportCase>& cases, const std::map<std::string, fs::path>& labels,
                 const Paths& images) {
  std::vector<std::string> errors;
  std::set<std::string> used;
  for (ImportCase& one : cases) {
    const auto label = labels.find(one.name);
    if (label == labels.end()) {
      errors.push_back(one.images.front().string() + ": expected a label named " +
                       in_quotes(one.name) + " in " +
                       labels.begin()->second.parent_path().string() + ", found none");
      continue;
    }
    one.label = label->second;
    used.insert(one.name);
  }
  for (const auto& [name, label] : labels)
    if (!used.contains(name))
      errors.push_back(label.string() + ": expected an image named " + in_quotes(name) + " in " +
                       images.front().parent_path().string() + ", found none");
  if (!errors.empty()) throw Error(ExitCode::kData, join(errors, "\n"));
}

// Decathlon writes {"0": "background"}, nnU-Net {"background": 0}; returns a list by class.
std::vector<std::string> class_names(const fs::path& file) {
  if (kind_of(file) == FileKind::kMissing) return {};
  const Json json = read_json_file(file);
  const auto labels = json.is_object() ? json.find("labels") : json.end();
  if (labels == json.end() || !labels->is_object()) return {};
  std::map<int, std::string> named;
  for (const auto& [key, value] : labels->items()) {
    const bool is_decathlon = value.is_string();
    const std::string number = is_decathlon ? key : value.dump();
    const bool is_number = !number.empty() && number.size() < 4 &&
                           number.find_first_not_of("0123456789") == std::string::npos;
    if (is_number) named[std::stoi(number)] = is_decathlon ? value.get<std::string>() : key;
  }
  std::vector<std::string> names(
      named.empty() ? 0 : static_cast<std::size_t>(named.rbegin()->first) + 1);
  for (const auto& [number, name] : named) names[static_cast<std::size_t>(number)] = name;
  return names;
}

}  // namespace

ImportFiles find_cases(const std::vector<std::string>& inputs,
                       const std::vector<std::string>& label_inputs) {
  ImportFiles files;
  std::vector<std::string> image_entries = inputs, label_entries = label_inputs;
  const fs::path root = inputs.size() == 1 ? fs::path(inputs[0]) : fs::path();
  if (label_inputs.empty() && inputs.size() == 1 && fs::is_directory(root / "imagesTr")) {
    image_entries = {(root / "imagesTr").string()};
    if (fs::is_directory(root / "labelsTr")) label_entries = {(root / "labelsTr").string()};
    files.description = root / "dataset.json";
  } else if (inputs.size() == 1 && fs::is_directory(root)) {
    files.description = (root / "..").lexically_normal() / "dataset.json";
  }
  if (!files.description.empty()) files.class_names = class_names(files.description);
  Paths images = expand(image_entries);
  const auto archives = std::stable_partition(images.begin(), images.end(), [](const fs::path& p) {
    return volume_extension(p) != ".npz";
  });
  files.npz.assign(archives, images.end());
  images.erase(archives, images.end());
  const Paths labels = expand(label_entries);
  if (images.size() == 1 && labels.size() == 1) {
    files.cases = {{case_name(images[0]), images, labels[0]}};
    return files;
  }
  const auto named = by_name(labels);
  files.cases = cases_of(images, named);
  if (!named.empty()) pair_labels(files.cases, named, images.empty() ? files.npz : images);
  return files;
}

}  // namespace lucid
