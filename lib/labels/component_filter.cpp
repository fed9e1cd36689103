#include "labels/component_filter.h"

#include <algorithm>

namespace lucid {

ComponentFilter::ComponentFilter(LabelPlanes& input, const ComponentRule& rule,
                                 const Choose& choose, const LabelProgress& progress)
    : input_(input), rule_(rule) {
  const Components components(input, rule, progress);
  const std::vector<Label> chosen = choose(components.all());
  labels_.reserve(components.index_of_part().size());
  for (const std::uint32_t index : components.index_of_part()) labels_.push_back(chosen[index]);
  rewind();
}

void ComponentFilter::rewind() {
  input_.rewind();
  walk_ = std::make_unique<ComponentWalk>(extents(), rule_);
}

void ComponentFilter::read(std::span<Label> plane) {
  input_.read(plane);
  walk_->add(
      plane, [](ComponentId, ComponentId) {}, [](const LabelRun&) {});
  for (std::int64_t h = 0; h < walk_->runs().rows(); ++h)
    for (const LabelRun& run : walk_->runs().row(h)) {
      if (run.component == kNoComponent || labels_[run.component] == kKept) continue;
      const auto row = plane.begin() + h * extents()[2];
      std::fill(row + run.begin, row + run.end, labels_[run.component]);
    }
}

}  // namespace lucid
