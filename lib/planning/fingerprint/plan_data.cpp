#include "planning/fingerprint/plan_data.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "data/hdf5/file.h"
#include "formats/import/description.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Names of datasets that go together; with those of a validation set in the same file or without.
struct Convention {
  std::string input, target, validation_input, validation_target;
};
const std::array kConventions{
    Convention{"train/raw", "train/label", "val/raw", "val/label"},  // an import of MedMNIST
    Convention{"train/input", "train/target", "val/input", "val/target"},
    Convention{"*/raw", "*/label", "", ""},    // an import of scans
    Convention{"raw", "label", "", ""},        // pytorch-3dunet, PlantSeg
    Convention{"volumes", "labels", "", ""}};  // lucid-data make

// A pattern with a * stands for groups at the top of the file.
bool holds(const hdf5::File& file, const std::string& dataset) {
  if (!dataset.starts_with("*/")) return file.has_dataset(dataset);
  return std::ranges::any_of(file.children("/"), [&](const std::string& group) {
    return file.has_group(group) && file.has_dataset(group + dataset.substr(1));
  });
}

std::string known_conventions() {
  std::vector<std::string> names;
  for (const Convention& one : kConventions) names.push_back(one.input + " with " + one.target);
  return join(names, ", ");
}

Convention convention_of(const fs::path& path) {
  const hdf5::File file(path);
  for (const Convention& one : kConventions)
    if (holds(file, one.input) && holds(file, one.target)) return one;
  throw Error(ExitCode::kData, path.string() + ": expected datasets of volumes and targets, " +
                                   known_conventions() + ", found none of these; name them by " +
                                   "--input and --target" + file.known_datasets("raw"));
}

VolumesConfig volumes_at(std::vector<std::string> files, const std::string& input,
                         const std::string& target) {
  VolumesConfig config;
  config.files = std::move(files);
  config.input = input;
  config.target = target;
  return config;
}

// Returns the folders of the training and the validation set if that is how the data lie.
std::optional<std::array<std::string, 2>> set_folders(const std::vector<std::string>& data) {
  if (data.size() != 1) return {};
  const fs::path train = fs::path(data.front()) / "train", val = fs::path(data.front()) / "val";
  if (!fs::is_directory(train) || !fs::is_directory(val)) return {};
  return {{train.string(), val.string()}};
}

PlanData find_volumes(const PlanSource& source) {
  if (source.input.empty() != source.target.empty())
    throw Error(ExitCode::kUsage, "--input: expected --target beside it, found one of them alone");
  const auto folders = set_folders(source.data);
  const std::vector<std::string> train = folders ? std::vector{(*folders)[0]} : source.data;
  PlanData found;
  found.files = expand_files(train, "");
  const Convention names = source.input.empty() ? convention_of(found.files.front())
                                                : Convention{source.input, source.target, "", ""};
  found.train = volumes_at(train, names.input, names.target);
  if (folders) {
    found.validation = volumes_at({(*folders)[1]}, names.input, names.target);
  } else if (!names.validation_input.empty() &&
             hdf5::File(found.files.front()).has_dataset(names.validation_input)) {
    found.validation = volumes_at(source.data, names.validation_input, names.validation_target);
  }
  return found;
}

// Returns the images and labels that the source names, if these are not HDF5.
std::optional<PlanScans> scans_of(const PlanSource& source) {
  if (!source.labels.empty()) return PlanScans{source.data, source.labels};
  if (source.data.size() != 1) return {};
  const fs::path images = fs::path(source.data.front()) / "imagesTr",
                 labels = fs::path(source.data.front()) / "labelsTr";
  if (!fs::is_directory(images) || !fs::is_directory(labels)) return {};
  return PlanScans{{images.string()}, {labels.string()}};
}

PlanData import_scans(const PlanSource& source, PlanScans scans) {
  if (!source.input.empty() || !source.target.empty())
    throw Error(ExitCode::kUsage,
                "--input: requires HDF5 files, found volumes of other formats; leave it out");
  CachedScans cached = import_to_cache(pair_scans(scans.files, scans.labels), source.cache);
  PlanData found;
  found.files = cached.files;
  std::vector<std::string> files;  // absolute: an experiment's paths are relative to its own folder
  for (const fs::path& file : cached.files) files.push_back(fs::absolute(file).string());
  found.train = volumes_at(files, "*/raw", "*/label");
  found.warnings = std::move(cached.warnings);
  const fs::path folder = fs::path(scans.files.front()).parent_path();
  const SetDescription described = read_description(folder / "dataset.json");
  found.channel_names = described.channel_names;
  found.class_names = described.class_names;
  found.scans = std::move(scans);
  return found;
}

}  // namespace

PlanData find_plan_data(const PlanSource& source) {
  auto scans = scans_of(source);
  PlanData found = scans ? import_scans(source, std::move(*scans)) : find_volumes(source);
  found.train.merges = source.merges;
  if (found.validation) found.validation->merges = source.merges;
  return found;
}

}  // namespace lucid
