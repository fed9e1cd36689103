#pragma once
// Private to this room.

#include <utility>

#include "base/error.h"
#include "labels/components.h"
#include "labels/runs.h"

namespace lucid {

// Numbers the parts of components, plane by plane. A run takes the number of a run before it that
// it touches, or a new one; so a second walk over the same planes gives the same numbers.
class ComponentWalk {
 public:
  ComponentWalk(const Triple& extents, const ComponentRule& rule)
      : rule_(rule), current_(extents), previous_(extents) {}

  // Calls join(a, b) for parts that belong to one component, and start(part) for each new part.
  template <class Join, class Start>
  void add(std::span<const Label> plane, const Join& join, const Start& start) {
    std::swap(current_, previous_);
    current_.find(plane, {.is_binary = rule_.of == ComponentsOf::kForeground});
    for (std::int64_t h = 0; h < current_.rows(); ++h) {
      for_rows_before(h, rule_.connectivity, [&](std::span<LabelRun> others, std::int64_t reach) {
        for_touching_runs(current_.row(h), others, reach,
                          [&](LabelRun& run, const LabelRun& other) {
                            if (!is_counted(run) || other.label != run.label) return;
                            if (run.component == kNoComponent)
                              run.component = other.component;
                            else if (run.component != other.component)
                              join(run.component, other.component);
                          });
      });
      for (LabelRun& run : current_.row(h)) {
        if (!is_counted(run) || run.component != kNoComponent) continue;
        if (next_ == kNoComponent)
          throw Error(ExitCode::kFailed, "expected at most 4294967295 parts of components");
        run.component = next_++;
        start(run);
      }
    }
    ++planes_;
  }

  PlaneRuns& runs() { return current_; }  // of the plane that was added last
  bool is_counted(const LabelRun& run) const {
    return (rule_.of == ComponentsOf::kBackground) == (run.label == 0);
  }

  // Calls visit(row, reach) for the rows before row h of the current plane that its voxels can
  // touch.
  template <class Visit>
  void for_rows_before(std::int64_t h, Connectivity connectivity, const Visit& visit) {
    const std::int64_t face = connectivity == Connectivity::kFaces ? 0 : 1;
    const std::int64_t edge = connectivity == Connectivity::kCorners ? 1 : 0;
    if (h > 0) visit(current_.row(h - 1), face);
    if (planes_ == 0) return;
    visit(previous_.row(h), face);
    if (connectivity == Connectivity::kFaces) return;
    if (h > 0) visit(previous_.row(h - 1), edge);
    if (h + 1 < previous_.rows()) visit(previous_.row(h + 1), edge);
  }

 private:
  ComponentRule rule_;
  PlaneRuns current_, previous_;
  std::int64_t planes_ = 0;
  ComponentId next_ = 0;
};

}  // namespace lucid
