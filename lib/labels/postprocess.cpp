#include "labels/postprocess.h"

#include <limits>
#include <numeric>

#include "labels/component_filter.h"

namespace lucid {
namespace {

// A volume with other names of labels.
class Relabelled : public LabelPlanes {
 public:
  Relabelled(LabelPlanes& input, std::map<Label, Label> names)
      : input_(input), names_(std::move(names)) {}

  const Triple& extents() const override { return input_.extents(); }
  void rewind() override { input_.rewind(); }
  void read(std::span<Label> plane) override {
    input_.read(plane);
    Label last = 0, name = new_name(0);
    for (Label& label : plane) {
      if (label != last) name = new_name(last = label);
      label = name;
    }
  }

 private:
  Label new_name(Label label) const {
    const auto found = names_.find(label);
    return found == names_.end() ? label : found->second;
  }

  LabelPlanes& input_;
  std::map<Label, Label> names_;
};

bool removes(const PostprocessOptions& options) {
  return options.min_voxels > 1 || options.keep_largest;
}

// Whether what is done to these labels is done to one.
bool concerns(const std::set<Label>& labels, Label label) {
  return labels.empty() || labels.contains(label);
}

// Returns the index of the largest component of each label.
std::map<Label, std::size_t> largest_of(const std::vector<Component>& components) {
  std::map<Label, std::size_t> largest;
  for (std::size_t i = 0; i < components.size(); ++i) {
    const auto [at, is_first] = largest.emplace(components[i].label, i);
    if (!is_first && components[i].voxels > components[at->second].voxels) at->second = i;
  }
  return largest;
}

}  // namespace

PostprocessCounts& PostprocessCounts::operator+=(const PostprocessCounts& other) {
  components += other.components;
  removed += other.removed;
  removed_voxels += other.removed_voxels;
  holes += other.holes;
  hole_voxels += other.hole_voxels;
  numbered += other.numbered;
  return *this;
}

Postprocessed::Postprocessed(LabelPlanes& input, const PostprocessOptions& options,
                             const LabelProgress& progress)
    : result_(&input) {
  const double share = 1.0 / std::max(passes(options), 1);
  double done = 0;
  const auto advance = [&](double part) { progress(done + share * part); };
  if (!options.relabel.empty()) {
    stages_.push_back(std::make_unique<Relabelled>(*result_, options.relabel));
    result_ = stages_.back().get();
  }
  if (options.foreground_first) {
    add_removing({.keep_largest = ComponentsOf::kForeground, .connectivity = options.connectivity},
                 advance);
    done += share;
  }
  if (removes(options)) {
    add_removing(options, advance);
    done += share;
  }
  if (options.fill_holes) {
    add(
        {ComponentsOf::kBackground, Connectivity::kFaces},
        [&](const auto& found) { return choose_filled(found, options.filled); }, advance);
    done += share;
  }
  if (options.number_components)
    add(
        {ComponentsOf::kEachLabel, options.connectivity},
        [&](const std::vector<Component>& found) {
          if (found.size() > std::numeric_limits<Label>::max())
            throw Error(ExitCode::kFailed, "expected at most 2147483647 components, found more");
          std::vector<Label> numbers(found.size());
          std::iota(numbers.begin(), numbers.end(), Label{1});
          counts_.numbered = std::ssize(numbers);
          return numbers;
        },
        advance);
}

Postprocessed::~Postprocessed() = default;

int Postprocessed::passes(const PostprocessOptions& options) {
  return int{options.foreground_first} + int{removes(options)} + int{options.fill_holes} +
         int{options.number_components};
}

void Postprocessed::add(
    const ComponentRule& rule,
    const std::function<std::vector<Label>(const std::vector<Component>&)>& choose,
    const LabelProgress& progress) {
  stages_.push_back(std::make_unique<ComponentFilter>(*result_, rule, choose, progress));
  result_ = stages_.back().get();
}

void Postprocessed::add_removing(const PostprocessOptions& options, const LabelProgress& progress) {
  add(
      {options.keep_largest.value_or(ComponentsOf::kEachLabel), options.connectivity},
      [&](const auto& found) { return choose_removed(found, options); }, progress);
}

std::vector<Label> Postprocessed::choose_removed(const std::vector<Component>& components,
                                                 const PostprocessOptions& options) {
  const std::map<Label, std::size_t> largest = largest_of(components);
  std::vector<Label> labels(components.size(), kKept);
  counts_.components += std::ssize(components);
  for (std::size_t i = 0; i < components.size(); ++i) {
    const bool is_large = components[i].voxels >= options.min_voxels;
    const bool stays = !options.keep_largest || largest.at(components[i].label) == i ||
                       !concerns(options.largest_of, components[i].label);
    if (is_large && stays) continue;
    labels[i] = 0;
    ++counts_.removed;
    counts_.removed_voxels += components[i].voxels;
  }
  return labels;
}

std::vector<Label> Postprocessed::choose_filled(const std::vector<Component>& holes,
                                                const std::set<Label>& filled) {
  std::vector<Label> labels(holes.size(), kKept);
  for (std::size_t i = 0; i < holes.size(); ++i) {
    if (holes[i].label == 0 || !concerns(filled, holes[i].label)) continue;
    labels[i] = holes[i].label;
    ++counts_.holes;
    counts_.hole_voxels += holes[i].voxels;
  }
  return labels;
}

}  // namespace lucid
