#include "labels/largest_overlaps.h"

#include "labels/component_sets.h"
#include "labels/component_walk.h"

namespace lucid {
namespace {

// Counts a run of voxels of `label`; the truth is no label where it does not count.
OverlapVoxels overlap(Label label, std::span<const Label> counted, std::span<const Label> truth) {
  OverlapVoxels voxels;
  for (std::size_t i = 0; i < counted.size(); ++i) {
    voxels.predicted += counted[i] != 0 ? 1 : 0;
    voxels.in_both += truth[i] == label ? 1 : 0;
  }
  return voxels;
}

// Gathers the parts of components, of labels and of the foreground, plane by plane.
class LargestSearch {
 public:
  LargestSearch(const Triple& extents, Connectivity connectivity)
      : width_(extents[2]),
        labels_(extents, {ComponentsOf::kEachLabel, connectivity}),
        foreground_(extents, {ComponentsOf::kForeground, connectivity}) {}

  void add(const OverlapPlanes& planes);
  std::map<Label, LargestOverlaps> found();  // to be called once

 private:
  struct Part {
    Label label = 0;
    ComponentId foreground = 0;  // a part of the foreground that this one lies in
    std::int64_t voxels = 0;
    OverlapVoxels counted{};
  };

  void add_row(std::int64_t h, const OverlapPlanes& planes);
  void add_truth(std::span<const Label> truth);
  void collect();  // adds parts to the first of their component
  ComponentId largest_foreground();

  const std::int64_t width_;
  ComponentWalk labels_, foreground_;
  std::vector<Part> parts_;
  std::vector<std::int64_t> foreground_voxels_;              // of each of its parts
  std::vector<std::uint32_t> parents_, foreground_parents_;  // of parts
  std::map<Label, LargestOverlaps> found_;
};

void LargestSearch::add(const OverlapPlanes& planes) {
  labels_.add(
      planes.predicted, [&](ComponentId a, ComponentId b) { unite(parents_, a, b); },
      [&](const LabelRun& run) {
        parents_.push_back(run.component);
        parts_.push_back({.label = run.label});
      });
  foreground_.add(
      planes.predicted, [&](ComponentId a, ComponentId b) { unite(foreground_parents_, a, b); },
      [&](const LabelRun& run) {
        foreground_parents_.push_back(run.component);
        foreground_voxels_.push_back(0);
      });
  for (std::int64_t h = 0; h < labels_.runs().rows(); ++h) add_row(h, planes);
  add_truth(planes.truth);
}

void LargestSearch::add_truth(std::span<const Label> truth) {
  for (std::size_t at = 0, end; at < truth.size(); at = end) {
    for (end = at + 1; end < truth.size() && truth[end] == truth[at];) ++end;
    if (truth[at] != 0) found_[truth[at]].in_truth += static_cast<std::int64_t>(end - at);
  }
}

// Runs of both cover the row; one of a label lies in one of the foreground.
void LargestSearch::add_row(std::int64_t h, const OverlapPlanes& planes) {
  const std::span<LabelRun> foreground = foreground_.runs().row(h);
  for (const LabelRun& run : foreground)
    if (run.component != kNoComponent) foreground_voxels_[run.component] += run.end - run.begin;
  std::size_t around = 0;
  for (const LabelRun& run : labels_.runs().row(h)) {
    while (foreground[around].end <= run.begin) ++around;
    if (run.component == kNoComponent) continue;
    Part& part = parts_[run.component];
    part.foreground = foreground[around].component;
    part.voxels += run.end - run.begin;
    const auto at = static_cast<std::size_t>(h * width_ + run.begin);
    const auto count = static_cast<std::size_t>(run.end - run.begin);
    part.counted += overlap(run.label, std::span(planes.counted).subspan(at, count),
                            std::span(planes.truth).subspan(at, count));
  }
}

void LargestSearch::collect() {
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    const ComponentId first = root_of(parents_, static_cast<ComponentId>(part));
    if (first == part) continue;
    parts_[first].voxels += parts_[part].voxels;
    parts_[first].counted += parts_[part].counted;
    parts_[part].voxels = 0;
  }
}

// Of equal ones the first.
ComponentId LargestSearch::largest_foreground() {
  ComponentId largest = kNoComponent;
  for (std::size_t part = 0; part < foreground_voxels_.size(); ++part) {
    const ComponentId first = root_of(foreground_parents_, static_cast<ComponentId>(part));
    if (first != part) foreground_voxels_[first] += foreground_voxels_[part];
  }
  for (std::size_t part = 0; part < foreground_voxels_.size(); ++part)
    if (foreground_parents_[part] == part &&
        (largest == kNoComponent || foreground_voxels_[part] > foreground_voxels_[largest]))
      largest = static_cast<ComponentId>(part);
  return largest;
}

std::map<Label, LargestOverlaps> LargestSearch::found() {
  collect();
  const ComponentId foreground = largest_foreground();
  std::map<Label, std::int64_t> most, most_within;  // voxels
  const auto offer = [](const Part& part, std::int64_t& voxels, OverlapVoxels& kept) {
    if (part.voxels <= voxels) return;
    voxels = part.voxels;
    kept = part.counted;
  };
  for (const Part& part : parts_) {
    if (part.voxels == 0) continue;  // has been added to another one
    LargestOverlaps& of = found_[part.label];
    of.all += part.counted;
    offer(part, most[part.label], of.largest);
    if (root_of(foreground_parents_, part.foreground) != foreground) continue;
    of.in_foreground += part.counted;
    offer(part, most_within[part.label], of.largest_in_foreground);
  }
  std::erase_if(found_, [](const auto& label) {
    return label.second.in_truth == 0 && label.second.all.predicted == 0;
  });
  return std::move(found_);
}

}  // namespace

OverlapVoxels& OverlapVoxels::operator+=(const OverlapVoxels& other) {
  predicted += other.predicted;
  in_both += other.in_both;
  return *this;
}

std::map<Label, LargestOverlaps> largest_overlaps(const Triple& extents, Connectivity connectivity,
                                                  const std::function<void(OverlapPlanes&)>& read) {
  const auto voxels = static_cast<std::size_t>(extents[1] * extents[2]);
  OverlapPlanes planes;
  for (std::vector<Label>* plane : {&planes.predicted, &planes.counted, &planes.truth})
    plane->resize(voxels);
  LargestSearch search(extents, connectivity);
  for (std::int64_t d = 0; d < extents[0]; ++d) {
    read(planes);
    search.add(planes);
  }
  return search.found();
}

}  // namespace lucid
