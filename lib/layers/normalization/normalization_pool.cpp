#include "kernels/normalize/pool.h"
#include "layers/layer/panel_layout.h"
#include "layers/normalization/normalization.h"
#include "layers/pool/pooling.h"

namespace lucid {
namespace {

const std::string kImplementation = "lucid:normalize_pool";

const float* floats(void* storage) { return static_cast<const float*>(storage); }

// What both ways of the three layers have.
struct PooledSteps {
  NormalizationSteps steps;
  Pooling pooling;
  NormalizedPool pool;
  Value y{}, chosen{}, index{};
};

void record_forward(PlanBuilder& b, PooledSteps& p) {
  p.y = b.produce(p.pooling.out);
  std::vector<Argument> arguments{
      {DNNL_ARG_SRC, p.steps.x}, {DNNL_ARG_MEAN, p.steps.statistics}, {DNNL_ARG_DST, p.y}};
  if (b.training()) {
    p.chosen = b.produce(p.pooling.out);
    p.index = b.produce(onednn::plain_layout(
        {static_cast<std::int64_t>(p.pooling.out.get_size() / sizeof(float))}, onednn::kByte));
    arguments.push_back({DNNL_ARG_WORKSPACE, p.chosen});
    arguments.push_back({DNNL_ARG_WORKSPACE, p.index});
  }
  const std::size_t affine_at = arguments.size();
  b.host_step(p.steps.what + "+relu+max pool", kImplementation,
              with_affine(b, p.steps, std::move(arguments)),
              [pool = p.pool, affine = p.steps.affine, training = b.training(),
               affine_at](std::span<void* const> storage) {
                PooledWindows windows{static_cast<float*>(storage[2]), nullptr, nullptr};
                if (training) {
                  windows.chosen = static_cast<float*>(storage[3]);
                  windows.index = static_cast<std::uint8_t*>(storage[4]);
                }
                normalize_and_pool(pool, static_cast<const Statistics*>(storage[1]),
                                   affine ? floats(storage[affine_at]) : nullptr,
                                   affine ? floats(storage[affine_at + 1]) : nullptr,
                                   floats(storage[0]), windows);
              });
  b.set_output(p.y);
}

void record_input_gradient(PlanBuilder& b, const PooledSteps& p, Value dy, Value sums) {
  const Value dx = b.produce(p.steps.layout);
  std::vector<Argument> arguments = with_affine(
      b, p.steps,
      {{DNNL_ARG_SRC, p.steps.x}, {DNNL_ARG_MEAN, p.steps.statistics}, {DNNL_ARG_DIFF_DST, dy}});
  const std::size_t results = arguments.size();
  arguments.push_back({DNNL_ARG_SRC, p.y});
  arguments.push_back({DNNL_ARG_WORKSPACE, p.index});
  arguments.push_back({DNNL_ARG_WORKSPACE, sums});
  arguments.push_back({DNNL_ARG_SCRATCHPAD, b.produce(workspace_layout<PartialSums>(
                                                p.steps.normalization.set_count()))});
  arguments.push_back({DNNL_ARG_DIFF_SRC, dx});
  b.host_step(p.steps.what + "+relu+max pool input gradient", kImplementation, std::move(arguments),
              [pool = p.pool, affine = p.steps.affine, results](std::span<void* const> storage) {
                const std::span<void* const> rest = storage.subspan(results);
                normalize_pool_input_gradient(
                    pool, normalize_backward_of(storage, affine, Rectify::kYes),
                    static_cast<const PartialSums*>(rest[2]), static_cast<PartialSums*>(rest[3]),
                    floats(rest[0]), static_cast<const std::uint8_t*>(rest[1]),
                    static_cast<float*>(rest[4]));
              });
  b.set_input_gradient(dx);
}

// The sums look at what was chosen alone: elsewhere there is no gradient.
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
