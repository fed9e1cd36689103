#include "planning/choice/candidates.h"

#include <algorithm>
#include <cmath>

namespace lucid {
namespace {

constexpr std::int64_t kSmallestBatch = 2;

bool is_same(const NnunetPlan& a, const NnunetPlan& b) {
  return a.unet.topology.patch == b.unet.topology.patch && a.batch == b.batch &&
         a.unet.features == b.unet.features && a.spacing == b.spacing;
}

void add(NnunetPlan plan, std::vector<NnunetPlan>& plans) {
  const bool is_known =
      std::ranges::any_of(plans, [&](const NnunetPlan& other) { return is_same(plan, other); });
  if (!is_known) plans.push_back(std::move(plan));
}

// Adds a plan with its batch, with halves of it, and with the smallest one.
void add_batches(NnunetPlan plan, std::vector<NnunetPlan>& plans) {
  for (; plan.batch > kSmallestBatch; plan.batch /= 2) add(plan, plans);
  plan.batch = kSmallestBatch;
  add(std::move(plan), plans);
}

}  // namespace

double step_flops(const NnunetPlan& plan) {
  return 3 * unet_cost(plan.unet).flops * static_cast<double>(plan.batch);
}

std::vector<NnunetPlan> plan_candidates(const SetGeometry& set, const RuleOptions& options,
                                        const PlanDefaults& defaults) {
  std::vector<NnunetPlan> plans;
  const std::int64_t widest = options.first_features;
  for (std::int64_t features = widest; features >= defaults.narrowest; features /= 2)
    for (std::int64_t halvings = 0; halvings <= defaults.most_halvings; ++halvings) {
      // Fewer features leave the patch as it is: the elements of the widest network count.
      const double memory =
          options.memory_gb * static_cast<double>(features) / static_cast<double>(widest);
      const RuleOptions smaller{.memory_gb = std::ldexp(memory, static_cast<int>(-halvings)),
                                .first_features = features,
                                .encoder = options.encoder};
      const NnunetPlan full = full_resolution_plan(set, smaller);
      if (const auto low = low_resolution_plan(set, full, smaller)) add_batches(*low, plans);
      add_batches(full, plans);
    }
  std::ranges::stable_sort(plans, std::ranges::greater{}, step_flops);
  return plans;
}

}  // namespace lucid
