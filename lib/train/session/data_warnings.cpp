#include "train/session/data_warnings.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"

namespace lucid {
namespace {

std::string count_text(std::size_t count, const std::string& what) {
  return with_thousands(static_cast<std::int64_t>(count)) + " " + what + (count == 1 ? "" : "s");
}

// Returns "class 3" or "classes 1, 3, 4, ...".
std::string classes_text(const std::vector<std::int64_t>& classes) {
  constexpr std::size_t kMost = 10;
  std::vector<std::string> names;
  for (const std::int64_t number : std::span(classes).first(std::min(classes.size(), kMost)))
    names.push_back(std::to_string(number));
  if (classes.size() > kMost) names.emplace_back("...");
  return (classes.size() == 1 ? "class " : "classes ") + join(names, ", ");
}

class SetWarnings {
 public:
  SetWarnings(const RunConfig& config, const DataSets& sets, Warnings& warnings)
      : config_(config), sets_(sets), warnings_(warnings) {}

  void warn() {
    warn_of_set("train", sets_.train(), config_.data.train);
    if (sets_.validation() == nullptr) return;
    warn_of_set("validation", *sets_.validation(), *config_.data.validation);
    warn_of_shared();
  }

 private:
  void add(const std::string& pointer, const std::string& text) {
    warnings_.add(config_.file + ": " + pointer + ": " + text);
  }

  void warn_of_set(const std::string& name, const Dataset& set, const VolumesConfig& volumes) {
    for (const std::string& repeated : volumes.repeated_files)
      warnings_.add(config_.file + ": /data/" + name + "/" + repeated);
    if (const SharedSamples found = repeated_samples(set.origins()); found.count > 0)
      add("/data/" + name, found.place + " is one of several names of a dataset: " +
                               count_text(found.count, what_) + " more than once in the set");
    if (volumes.axes.empty()) warn_of_colours(name, set);
    for (const PatchSet* patches : sets_.patches())
      if (patches == &set) warn_of_patches(name, *patches);
  }

  // The axes are those of the rank, as none were given.
  void warn_of_colours(const std::string& name, const Dataset& set) {
    const auto is_colour = [](std::int64_t extent) { return extent == 3 || extent == 4; };
    constexpr std::int64_t kPlane = 5;  // extents from here on are hardly channels
    const auto origins = set.origins();
    if (origins.empty()) return;
    const Shape& stored = origins.front().stored;
    const std::size_t rank = stored.rank();
    const bool is_last =
        is_colour(stored[rank - 1]) && stored[rank - 2] >= kPlane && stored[rank - 3] >= kPlane;
    const bool is_first =
        rank == 3 && is_colour(stored[0]) && stored[1] >= kPlane && stored[2] >= kPlane;
    if (!is_last && !is_first) return;
    add("/data/" + name + "/axes",
        origins.front().place + ": its shape " + stored.str() + " is taken for " +
            (rank == 3 ? "dhw" : "ncdhw") + "; if the " + (is_last ? "last" : "first") +
            " axis holds colours, " +
            (rank == 5 ? "set \"axes\" to \"ndhwc\""
                       : std::string("store four axes and set \"axes\" to \"") +
                             (is_last ? "dhwc\"" : "cdhw\"")));
  }

  void warn_of_patches(const std::string& name, const PatchSet& set) {
    const auto volumes = set.volumes().all();
    const auto some = [&](const std::vector<std::size_t>& found) {
      return std::to_string(found.size()) + " of " + count_text(volumes.size(), "volume");
    };
    const auto without = set.sampler().without_foreground();
    if (without.size() == volumes.size())
      add("/data/patch/foreground",
          "no volume of " + volumes[0].place() + others(volumes.size()) +
              " has a voxel that is not background or ignored: patches lie anywhere, as with 0; "
              "correct the labels or set it to 0");
    else if (!without.empty())
      add("/data/patch/foreground", some(without) + " have no foreground, as " +
                                        volumes[without[0]].place() +
                                        ": their patches lie anywhere");
    if (const auto invalid = set.sampler().without_valid_voxels(); !invalid.empty())
      add("/data/" + name + "/mask", some(invalid) + " are left out, as " +
                                         volumes[invalid[0]].stacks->mask->place() +
                                         " is 0 everywhere in them");
    if (set.volumes().has_mask() && !config_.objective->ignore_index())
      add("/data/" + name + "/mask",
          "targets count where " + volumes[0].stacks->mask->place() +
              " is 0, too, as the losses have no ignore_index that they share");
  }

  static std::string others(std::size_t volumes) {
    return volumes == 1 ? "" : " and " + count_text(volumes - 1, "other");
  }

  void warn_of_shared() {
    const auto origins = sets_.validation()->origins();
    const SharedSamples found = shared_samples(origins, sets_.train().origins());
    if (found.count == 0) return;
    std::size_t all = 0;
    for (const SampleOrigin& origin : origins) all += origin.end - origin.begin;
    add("/data/validation", found.place + " is in /data/train, too: " +
                                with_thousands(static_cast<std::int64_t>(found.count)) + " of " +
                                count_text(all, what_) +
                                "; values measured on what was learned say nothing of new data");
  }

  const RunConfig& config_;
  const DataSets& sets_;
  Warnings& warnings_;
  const std::string what_ = sets_.patches().empty() ? "sample" : "volume";
};

// Returns the classes that do not occur.
std::vector<std::int64_t> missing(const std::vector<std::int64_t>& counts) {
  std::vector<std::int64_t> classes;
  for (std::size_t number = 0; number < counts.size(); ++number)
    if (counts[number] == 0) classes.push_back(static_cast<std::int64_t>(number));
  return classes;
}

std::int64_t total(const std::vector<std::int64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

void warn_of_ignored(const RunConfig& config, const std::string& set, const std::string& name,
                     const Loss& loss, Warnings& warnings) {
  warnings.add(config.file + ": /data/" + set + ": every label of " + name + " is " +
               std::to_string(loss.ignore_index().value_or(0)) + " (ignore_index of " +
               loss.type() + "): nothing can be " +
               (set == "train" ? "learned from" : "measured on") +
               " it; correct the labels or ignore_index");
}

void warn_of_missing(const RunConfig& config, const DataSets& sets, const Loss& loss,
                     const std::vector<std::int64_t>& counts, Warnings& warnings) {
  const std::vector<std::int64_t> classes = missing(counts);
  if (classes.empty()) return;
  warnings.add(config.file + ": /data/train: " + classes_text(classes) + " of " +
               std::to_string(counts.size()) + " never occur" + (classes.size() == 1 ? "s" : "") +
               " in " + sets.train_target() + " and cannot be learned" +
               (loss.wants_class_weights() ? ": their \"auto\" weight is 1" : ""));
}

}  // namespace

void warn_of_sets(const RunConfig& config, const DataSets& sets, Warnings& warnings) {
  SetWarnings(config, sets, warnings).warn();
}

void warn_of_labels(const RunConfig& config, const DataSets& sets, const LabelCounts& train,
                    const LabelCounts& validation, Warnings& warnings) {
  for (std::size_t i = 0; i < train.size(); ++i) {
    const Loss& loss = *config.objective->terms()[i].loss;
    if (!train[i].empty() && total(train[i]) == 0)
      warn_of_ignored(config, "train", sets.train_target(), loss, warnings);
    else
      warn_of_missing(config, sets, loss, train[i], warnings);
    if (i < validation.size() && !validation[i].empty() && total(validation[i]) == 0)
      warn_of_ignored(config, "validation", sets.validation_target(), loss, warnings);
  }
}

}  // namespace lucid
