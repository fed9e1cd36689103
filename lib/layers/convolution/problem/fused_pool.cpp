#include "layers/convolution/problem/fused_pool.h"

#include "layers/layer/elements.h"

namespace lucid {

Triple FusedPool::even_output() const {
  const Triple& pooled = pooling.geometry.output;
  return {2 * pooled[0], 2 * pooled[1], 2 * pooled[2]};
}

std::optional<FusedPool> take_pool(PlanBuilder& b, const Problem& p, const Layout& y) {
  const bool is_layer = p.origin == Origin::kLayer || p.origin == Origin::kPaddedBefore;
  if (!is_layer || p.is_transposed || !b.pair_pool_follows() || !p.relu_slope) return std::nullopt;
  b.take_pool();
  FusedPool pool{.pooling = pooling_of(y, kPairWindow)};
  if (b.training())
    pool.index = b.produce(onednn::plain_layout({element_count(pool.pooling.out)}, onednn::kByte));
  return pool;
}

std::string step_name(const std::string& convolution, const std::optional<FusedPool>& pool) {
  return convolution + (pool ? "+max pool" : "");
}

void add_index(const std::optional<FusedPool>& pool, std::vector<Argument>& arguments) {
  if (pool && pool->index) arguments.push_back(updates(Slot::kIndices, pool->index));
}

}  // namespace lucid
