#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "labels/components.h"

namespace lucid {

// What is done to a volume of labels, in this order.
struct PostprocessOptions {
  std::map<Label, Label> relabel{};  // labels that are not listed stay
  // Components of fewer voxels become background.
  std::int64_t min_voxels = 0;
  // If set, only the largest component of each label or of the foreground is left; of equal ones
  // the first in storage order.
  std::optional<ComponentsOf> keep_largest{};
  std::set<Label> largest_of{};  // the labels that keep_largest is for; empty: all
  // Before that, only the largest component of the foreground is left.
  bool foreground_first = false;
  // Background that shares faces with one label alone, and not with the volume's border, gets it.
  bool fill_holes = false;
  std::set<Label> filled{};        // the labels that background gets; empty: all
  bool number_components = false;  // labels become the numbers of components, counted from 1
  Connectivity connectivity = Connectivity::kCorners;
};

// Counts what was done.
struct PostprocessCounts {
  std::int64_t components = 0;  // before any were removed; 0 unless some had to be found
  std::int64_t removed = 0, removed_voxels = 0;
  std::int64_t holes = 0, hole_voxels = 0;
  std::int64_t numbered = 0;

  PostprocessCounts& operator+=(const PostprocessCounts& other);
};

// A volume after postprocessing. What is made of components takes a pass over the input for each
// of removing, filling and numbering, and reading the result takes one more; none of them holds
// more than a few planes and the components.
class Postprocessed : public LabelPlanes {
 public:
  // `input` must outlive it. Progress counts the passes before the result is read.
  Postprocessed(LabelPlanes& input, const PostprocessOptions& options,
                const LabelProgress& progress);
  ~Postprocessed() override;

  const Triple& extents() const override { return result_->extents(); }
  void rewind() override { result_->rewind(); }
  void read(std::span<Label> plane) override { result_->read(plane); }

  const PostprocessCounts& counts() const { return counts_; }

  // Returns the number of passes before the result is read.
  static int passes(const PostprocessOptions& options);

 private:
  void add(const ComponentRule& rule,
           const std::function<std::vector<Label>(const std::vector<Component>&)>& choose,
           const LabelProgress& progress);
  void add_removing(const PostprocessOptions& options, const LabelProgress& progress);
  std::vector<Label> choose_removed(const std::vector<Component>& components,
                                    const PostprocessOptions& options);
  std::vector<Label> choose_filled(const std::vector<Component>& holes,
                                   const std::set<Label>& filled);

  std::vector<std::unique_ptr<LabelPlanes>> stages_;
  LabelPlanes* result_;  // the last stage, or the input
  PostprocessCounts counts_;
};

}  // namespace lucid
