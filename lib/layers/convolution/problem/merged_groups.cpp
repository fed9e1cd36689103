#include "layers/convolution/problem/merged_groups.h"

#include <algorithm>

namespace lucid {
namespace {

// Half of a vector of 16 floats.
constexpr std::int64_t kHalf = 8;

}  // namespace

MergedGroups::MergedGroups(const Problem& problem, std::int64_t lanes) : of_(problem) {
  // The depthwise route takes single channels, but of layers as they are alone.
  const bool is_left_to_depthwise = of_.is_depthwise() && of_.origin == Origin::kLayer;
  if (of_.groups == 1 || is_left_to_depthwise) return;
  while (merged_ < of_.groups && !fills(lanes)) ++merged_;
  // Half a vector for each group costs no more than two groups in one.
  if (merged_ > 2 && of_.group_outputs % kHalf == 0 && of_.group_inputs % kHalf == 0) merged_ = 1;
}

bool MergedGroups::fills(std::int64_t block) const {
  return of_.groups % merged_ == 0 && merged_ * of_.group_outputs % block == 0 &&
         merged_ * of_.group_inputs % block == 0;
}

Problem MergedGroups::problem() const {
  if (!merges()) return of_;
  Problem merged = of_;
  merged.groups /= merged_;
  merged.group_inputs *= merged_;
  merged.group_outputs *= merged_;
  merged.origin = Origin::kMergedGroups;
  return merged;
}

template <class Body>
void MergedGroups::for_each_run(const Body& body) const {
  for (std::int64_t group = 0; group < of_.groups; ++group)
    for (std::int64_t output = 0; output < of_.group_outputs; ++output) {
      const std::int64_t row = group * of_.group_outputs + output;
      body(row * run(), (row * merged_ + group % merged_) * run());
    }
}

Value MergedGroups::weight(PlanBuilder& b, const Layout& wanted) const {
  if (!merges()) return b.parameter("weight", wanted);
  const Value stored = b.parameter("weight", onednn::plain_layout(of_.weight_extents()));
  const Value merged = b.made_of_parameters(
      "weights of merged groups", stored, merged_layout(), [*this](const StepArguments& step) {
        const float* from = step.in(Slot::kX);
        float* to = step.out(Slot::kY);
        std::fill_n(to, merged_layout().get_size() / sizeof(float), 0.F);
        for_each_run([&](std::int64_t of_stored, std::int64_t of_merged) {
          std::copy_n(from + of_stored, run(), to + of_merged);
        });
      });
  return b.parameter_in_layout(merged, wanted);
}

Value MergedGroups::weight_gradient(PlanBuilder& b, Value merged) const {
  if (!merges()) return merged;
  const Value stored = b.produce(onednn::plain_layout(of_.weight_extents()));
  b.host_step("gradient of merged groups", "lucid",
              {reads(Slot::kX, b.in_layout(merged, merged_layout())), writes(Slot::kDw, stored)},
              [*this](const StepArguments& step) {
                const float* from = step.in(Slot::kX);
                float* to = step.out(Slot::kDw);
                for_each_run([&](std::int64_t of_stored, std::int64_t of_merged) {
                  std::copy_n(from + of_merged, run(), to + of_stored);
                });
              });
  return stored;
}

}  // namespace lucid
