#include "formats/import/cases.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "data/volumes/volumes.h"
#include "formats/dicom/dicom.h"
#include "formats/open/folder.h"
#include "formats/open/open_volume.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

// An image as its name tells: "NAME_0001" is channel 1 of NAME, another name a case of its own.
struct NamedImage {
  std::string name;
  std::optional<std::size_t> channel;
};

using NamedLabels = std::map<std::string, fs::path>;

NamedImage named_image(const fs::path& path, ChannelNames channels, const NamedLabels& labels) {
  const std::string name = case_name(path);
  if (channels == ChannelNames::kNone || labels.contains(name)) return {name, std::nullopt};
  if (name.size() < 6 || name[name.size() - 5] != '_') return {name, std::nullopt};
  const bool are_digits =
      std::all_of(name.end() - 4, name.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  if (!are_digits) return {name, std::nullopt};
  return {name.substr(0, name.size() - 5),
          static_cast<std::size_t>(std::stoi(name.substr(name.size() - 4)))};
}

// At most so many lines of one kind are reported.
constexpr std::size_t kMostLines = 10;

[[noreturn]] void fail_with(std::vector<std::string> errors) {
  const std::size_t count = errors.size();
  if (count > kMostLines) {
    errors.resize(kMostLines);
    errors.back() = "... and " + std::to_string(count - kMostLines + 1) + " more like these";
  }
  throw Error(ExitCode::kData, errors);
}

NamedLabels by_name(const Paths& labels) {
  NamedLabels named;
  for (const fs::path& label : labels) {
    const auto [at, is_new] = named.emplace(case_name(label), label);
    if (!is_new)
      fail(label.string(),
           "expected labels of different names, found " + at->second.string() + " as well");
  }
  return named;
}

// The channels of a case that were found; one without a number stands alone.
using Channels = std::map<std::optional<std::size_t>, fs::path>;

// Returns the number of channels that most cases have, the largest of several.
std::size_t usual_count(const std::map<std::string, Channels>& found) {
  std::map<std::size_t, std::size_t> cases;
  for (const auto& [name, channels] : found) ++cases[channels.size()];
  std::size_t usual = 1, most = 0;
  for (const auto& [count, number] : cases)
    if (number >= most) {
      usual = count;
      most = number;
    }
  return usual;
}

std::string four_digits(std::size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(4 - std::min<std::size_t>(digits.size(), 4), '0') + digits;
}

// A gap in the numbers would move the channels behind it to the place of others.
void check_channels(const std::map<std::string, Channels>& found) {
  std::vector<std::string> errors;
  const std::size_t usual = usual_count(found);
  for (const auto& [name, channels] : found) {
    const std::string place = channels.begin()->second.string() + ": case " + in_quotes(name);
    std::size_t next = 0;  // number of the first channel that is missing
    while (channels.contains(next)) ++next;
    const bool is_numbered = channels.begin()->first.has_value();
    if (is_numbered && next < channels.size())
      errors.push_back(place + ": expected its channel " + four_digits(next) +
                       ", found none; lucid-data import --no-channels takes numbers for parts of "
                       "names");
    else if (channels.size() != usual)
      errors.push_back(place + ": expected " + std::to_string(usual) +
                       " channels as in the other cases, found " + std::to_string(channels.size()));
  }
  if (!errors.empty()) fail_with(std::move(errors));
}

std::vector<ImportCase> cases_of(const Paths& images, const NamedLabels& labels,
                                 const CaseRules& rules) {
  std::map<std::string, Channels> found;
  std::vector<std::string> order;
  for (const fs::path& image : images) {
    const auto [name, channel] = named_image(image, rules.channels, labels);
    Channels& channels = found[name];
    if (channels.empty()) order.push_back(name);
    const auto same = channels.find(channel);
    const bool is_alone = !channels.empty() && (!channel || !channels.begin()->first);
    if (same != channels.end() || is_alone)
      fail(image.string(),
           "expected images of different names, found " +
               (same != channels.end() ? same->second : channels.begin()->second).string() +
               " as well");
    channels.emplace(channel, image);
  }
  check_channels(found);
  std::vector<ImportCase> cases;
  for (const std::string& name : order) {
    cases.push_back({name, {}, std::nullopt});
    for (const auto& [channel, path] : found.at(name)) cases.back().images.push_back(path);
  }
  return cases;
}

void pair_labels(std::vector<ImportCase>& cases, const NamedLabels& labels, const Paths& images) {
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
  if (!errors.empty()) fail_with(std::move(errors));
}

}  // namespace

ImportFiles find_cases(const std::vector<std::string>& inputs,
                       const std::vector<std::string>& label_inputs, const CaseRules& rules) {
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
  if (!files.description.empty()) files.described = read_description(files.description);
  Paths images = expand_volumes(image_entries, fs::path());
  const auto archives = std::stable_partition(images.begin(), images.end(), [&](const auto& path) {
    return rules.are_archives_volumes || volume_extension(path) != ".npz";
  });
  files.npz.assign(archives, images.end());
  images.erase(archives, images.end());
  const Paths labels = expand_volumes(label_entries, fs::path());
  const NamedLabels named = by_name(labels);
  files.cases = cases_of(images, named, rules);
  if (images.size() == 1 && labels.size() == 1)
    files.cases.front().label = labels[0];
  else if (!named.empty())
    pair_labels(files.cases, named, images.empty() ? files.npz : images);
  return files;
}

}  // namespace lucid
