#include "layers/convolution/merged_groups.h"

#include <algorithm>

namespace lucid {
namespace {

using onednn::Dims;

constexpr std::int64_t kHalf = 8;

std::int64_t lanes() { return onednn::vector_set() == onednn::VectorSet::kAvx512 ? 16 : 8; }

}  // namespace

MergedGroups::MergedGroups(const Convolution& c) : of_(c) {
  const Dims weights = onednn::extents(c.weights);
  if (weights.size() != 6) return;
  groups_ = weights[0];
  outputs_ = weights[1];
  inputs_ = weights[2];
  taps_ = weights[3] * weights[4] * weights[5];
  while (merged_ < groups_ && !fills(lanes())) ++merged_;
  // Half a vector for each group costs no more than two groups in one.
  if (merged_ > 2 && outputs_ % kHalf == 0 && inputs_ % kHalf == 0) merged_ = 1;
}

bool MergedGroups::fills(std::int64_t block) const {
  return groups_ % merged_ == 0 && merged_ * outputs_ % block == 0 &&
         merged_ * inputs_ % block == 0;
}

Convolution MergedGroups::convolution() const {
  Convolution merged = of_;
  merged.weights =
      onednn::any_layout(onednn::extents(merged_layout()), onednn::data_type(of_.weights));
  return merged;
}

Layout MergedGroups::merged_layout() const {
  Dims dims = onednn::extents(of_.weights);
  dims[0] /= merged_;
  dims[1] *= merged_;
  dims[2] *= merged_;
  if (dims[0] == 1) dims.erase(dims.begin());
  return onednn::plain_layout(dims);
}

template <class Body>
void MergedGroups::for_runs(const Body& body) const {
  for (std::int64_t group = 0; group < groups_; ++group)
    for (std::int64_t output = 0; output < outputs_; ++output) {
      const std::int64_t row = group * outputs_ + output;
      const std::int64_t place = group % merged_ * inputs_;
      body(row * inputs_ * taps_, (row * merged_ * inputs_ + place) * taps_);
    }
}

Value MergedGroups::weights(PlanBuilder& b, const Layout& wanted) const {
  const Layout stored = onednn::plain_layout(onednn::extents(of_.weights));
  const Value merged =
      b.made_of_parameters("weights of merged groups", b.parameter("weight", stored),
                           merged_layout(), [*this](std::span<void* const> storage) {
                             const auto* from = static_cast<const float*>(storage[0]);
                             auto* to = static_cast<float*>(storage[1]);
                             std::fill_n(to, merged_layout().get_size() / sizeof(float), 0.F);
                             for_runs([&](std::int64_t run, std::int64_t merged_run) {
                               std::copy_n(from + run, inputs_ * taps_, to + merged_run);
                             });
                           });
  return b.parameter_in_layout(merged, wanted);
}

void MergedGroups::set_weight_gradient(PlanBuilder& b, Value merged) const {
  const Value stored = b.produce(onednn::plain_layout(onednn::extents(of_.weights)));
  b.host_step(
      "gradient of merged groups", "lucid",
      {{DNNL_ARG_DIFF_DST, b.in_layout(merged, merged_layout())}, {DNNL_ARG_DIFF_WEIGHTS, stored}},
      [*this](std::span<void* const> storage) {
        const auto* from = static_cast<const float*>(storage[0]);
        auto* to = static_cast<float*>(storage[1]);
        for_runs([&](std::int64_t run, std::int64_t merged_run) {
          std::copy_n(from + merged_run, inputs_ * taps_, to + run);
        });
      });
  b.set_parameter_gradient("weight", stored);
}

}  // namespace lucid
