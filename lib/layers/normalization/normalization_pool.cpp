#include "kernels/normalize/pool.h"
#include "layers/layer/panel_layout.h"
#include "layers/normalization/normalization.h"
#include "layers/pool/pooling.h"

namespace lucid {
namespace {

const std::string kPooledImplementation = "lucid:normalize_pool";

// Shared by the forward and the backward pass of the three fused layers.
struct PooledSteps {
  NormalizationSteps steps;
  Pooling pooling;
  NormalizedPool pool;
  Value y{}, chosen{}, index{};
};

void record_forward(PlanBuilder& b, PooledSteps& p) {
  p.y = b.produce(p.pooling.out);
  std::vector<Argument> arguments{reads(Slot::kX, p.steps.x),
                                  reads(Slot::kStatistics, p.steps.statistics),
                                  writes(Slot::kY, p.y)};
  if (b.training()) {
    p.chosen = b.produce(p.pooling.out);
    p.index = b.produce(onednn::plain_layout(
        {static_cast<std::int64_t>(p.pooling.out.get_size() / sizeof(float))}, onednn::kByte));
    arguments.push_back(updates(Slot::kWorkspace, p.chosen));
    arguments.push_back(updates(Slot::kIndices, p.index));
  }
  b.host_step(p.steps.what + "+relu+max pool", kPooledImplementation,
              with_affine(b, p.steps, std::move(arguments)),
              [pool = p.pool](const StepArguments& step) {
                const PooledWindows windows{step.out(Slot::kY), step.maybe_out(Slot::kWorkspace),
                                            step.maybe_out<std::uint8_t>(Slot::kIndices)};
                normalize_and_pool(pool, step.in<SetStatistics>(Slot::kStatistics),
                                   step.maybe(Slot::kWeight), step.maybe(Slot::kBias),
                                   step.in(Slot::kX), windows);
              });
  b.set_output(p.y);
}

void record_input_gradient(PlanBuilder& b, const PooledSteps& p, Value dy, Value sums) {
  if (p.steps.sync) record_sums_synchronization(b, p.steps, sums);
  const Value dx = b.produce(p.steps.layout);
  std::vector<Argument> arguments =
      with_affine(b, p.steps,
                  {reads(Slot::kX, p.steps.x), reads(Slot::kStatistics, p.steps.statistics),
                   reads(Slot::kDy, dy)});
  const Value set_sums =
      b.produce(workspace_layout<PartialSums>(p.steps.normalization.set_count()));
  arguments.push_back(reads(Slot::kY, p.y));
  arguments.push_back(reads(Slot::kIndices, p.index));
  arguments.push_back(reads(Slot::kSums, sums));
  arguments.push_back(updates(Slot::kScratchpad, set_sums));
  arguments.push_back(writes(Slot::kDx, dx));
  b.host_step(p.steps.what + "+relu+max pool input gradient", kPooledImplementation,
              std::move(arguments), [pool = p.pool](const StepArguments& step) {
                normalize_pool_input_gradient(
                    pool, normalize_backward_of(step, Rectify::kYes),
                    step.in<PartialSums>(Slot::kSums), step.out<PartialSums>(Slot::kScratchpad),
                    step.in(Slot::kY), step.in<std::uint8_t>(Slot::kIndices), step.out(Slot::kDx));
              });
  b.set_input_gradient(dx);
}

// The sums are over the maxima alone, because the gradient is zero elsewhere.
void record_backward(PlanBuilder& b, const PooledSteps& p) {
  const Value dy = b.output_gradient(p.pooling.out);
  NormalizationSteps chosen = p.steps;
  chosen.normalization.panels = panels_of(p.pooling.out);
  chosen.layout = p.pooling.out;
  chosen.x = p.chosen;
  const Value sums = record_gradient_sums(b, chosen, dy);
  if (b.needs_input_gradient()) record_input_gradient(b, p, dy, sums);
}

}  // namespace

std::optional<Backward> record_pooled_normalization(PlanBuilder& b,
                                                    const NormalizationSteps& steps) {
  if (!b.pair_pool_follows() || b.relu_slope() != 0) return std::nullopt;
  PooledSteps p{.steps = steps, .pooling = pooling_of(steps.layout, kPairWindow), .pool = {}};
  p.pool = {steps.normalization, p.pooling.geometry, p.pooling.from, p.pooling.to};
  if (!p.pool.is_possible()) return std::nullopt;
  b.take_pool();
  record_forward(b, p);
  if (!b.training()) return Backward{};
  return [p](PlanBuilder& back) { record_backward(back, p); };
}

}  // namespace lucid
