#include "labels/components.h"

#include <algorithm>

#include "labels/component_sets.h"
#include "labels/component_walk.h"

namespace lucid {
namespace {

constexpr Label kUnknown = -1;  // encloses a background component of which no neighbour was seen

// Adds what lies beside a background component; 0 stands for several labels or the border.
void enclose(Component& hole, Label label) {
  if (hole.label == kUnknown) hole.label = label;
  if (hole.label != label) hole.label = 0;
}

// Notes the labels that enclose the background of a plane, and the border of the volume.
class Enclosure {
 public:
  Enclosure(const Triple& extents, std::vector<Component>& holes)
      : extents_(extents), holes_(holes) {}

  void add(ComponentWalk& walk, std::int64_t d) {
    const bool is_end = d == 0 || d + 1 == extents_[0];
    for (std::int64_t h = 0; h < extents_[1]; ++h) {
      const std::span<LabelRun> row = walk.runs().row(h);
      const bool is_edge = is_end || h == 0 || h + 1 == extents_[1];
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (i > 0) meet(row[i - 1], row[i]);
        if (row[i].label == 0 && (is_edge || row[i].begin == 0 || row[i].end == extents_[2]))
          enclose(holes_[row[i].component], 0);
      }
      walk.for_rows_before(h, Connectivity::kFaces, [&](std::span<LabelRun> others, std::int64_t) {
        for_touching_runs(row, others, 0,
                          [&](const LabelRun& a, const LabelRun& b) { meet(a, b); });
      });
    }
  }

 private:
  void meet(const LabelRun& a, const LabelRun& b) {
    if (a.label == 0 && b.label != 0) enclose(holes_[a.component], b.label);
    if (b.label == 0 && a.label != 0) enclose(holes_[b.component], a.label);
  }

  const Triple extents_;
  std::vector<Component>& holes_;
};

}  // namespace

Components::Components(LabelPlanes& labels, const ComponentRule& rule,
                       const LabelProgress& progress) {
  count(labels, rule, progress);
  collect();
}

void Components::count(LabelPlanes& labels, const ComponentRule& rule,
                       const LabelProgress& progress) {
  const bool are_holes = rule.of == ComponentsOf::kBackground;
  ComponentWalk walk(labels.extents(), rule);
  Enclosure enclosure(labels.extents(), components_);
  std::vector<Label> plane(labels.plane_voxels());
  const auto join = [&](ComponentId a, ComponentId b) { unite(parts_, a, b); };
  const auto start = [&](const LabelRun& run) {
    parts_.push_back(run.component);
    components_.push_back({0, are_holes ? kUnknown : run.label});
  };
  labels.rewind();
  for (std::int64_t d = 0; d < labels.extents()[0]; ++d) {
    labels.read(plane);
    walk.add(plane, join, start);
    for (std::int64_t h = 0; h < walk.runs().rows(); ++h)
      for (const LabelRun& run : walk.runs().row(h))
        if (run.component != kNoComponent) components_[run.component].voxels += run.end - run.begin;
    if (are_holes) enclosure.add(walk, d);
    progress(static_cast<double>(d + 1) / static_cast<double>(labels.extents()[0]));
  }
}

// A parent has a smaller number than its children, so that it is known by the time they come.
void Components::collect() {
  std::uint32_t count = 0;
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    const Component found = components_[part];
    if (parts_[part] == part) {
      components_[count] = found;
      parts_[part] = count++;
      continue;
    }
    parts_[part] = parts_[parts_[part]];
    Component& whole = components_[parts_[part]];
    whole.voxels += found.voxels;
    if (found.label == kUnknown) continue;
    if (whole.label == kUnknown) whole.label = found.label;
    if (whole.label != found.label) whole.label = 0;
  }
  components_.resize(count);
  for (Component& each : components_) each.label = std::max<Label>(each.label, 0);
}

}  // namespace lucid
