#include <algorithm>
#include <cmath>

#include "train/optimizer/optimizers.h"
#include "train/optimizer/slot_optimizer.h"

namespace lucid {
namespace {

struct RmsPropOptions {
  double alpha, eps, weight_decay, momentum;
  bool centered;
};

RmsPropOptions read_rms_prop_options(JsonObject& object) {
  refuse_switches(object, {"maximize", "foreach", "capturable", "differentiable"});
  return {.alpha = object.number("alpha", {.low = 0, .high = 1}, 0.99),
          .eps = object.number("eps", {.low = kSmallestEps}, 1e-8),
          .weight_decay = object.number("weight_decay", {.low = 0}, 0.0),
          .momentum = object.number("momentum", {.low = 0}, 0.0),
          .centered = object.boolean("centered", false)};
}

std::vector<std::string> slot_names(const RmsPropOptions& options) {
  std::vector<std::string> names{"square_avg"};
  if (options.momentum > 0) names.emplace_back("momentum_buffer");
  if (options.centered) names.emplace_back("grad_avg");
  return names;
}

class RMSprop final : public SlotOptimizer {
 public:
  explicit RMSprop(const RmsPropOptions& options)
      : SlotOptimizer(slot_names(options), options.weight_decay), options_(options) {}

  bool has_momentum() const override { return options_.momentum > 0; }

 private:
  void begin_group(const GroupStep& group) override {
    momentum_ = static_cast<float>(group.momentum.value_or(options_.momentum));
    rate_ = static_cast<float>(group.learning_rate);
    decay_ = static_cast<float>(group.weight_decay);
  }

  void update(const Run& run) const override {
    float* buffer = has_momentum() ? run.slot[1] : nullptr;
    float* mean = options_.centered ? run.slot[has_momentum() ? 2 : 1] : nullptr;
    if (buffer != nullptr && mean != nullptr)
      update<true, true>(run, buffer, mean);
    else if (buffer != nullptr)
      update<true, false>(run, buffer, mean);
    else if (mean != nullptr)
      update<false, true>(run, buffer, mean);
    else
      update<false, false>(run, buffer, mean);
  }

  template <bool kHasMomentum, bool kIsCentered>
  void update(const Run& run, float* __restrict buffer, float* __restrict mean) const {
    const auto alpha = static_cast<float>(options_.alpha);
    const auto fresh = static_cast<float>(1 - options_.alpha);
    const auto eps = static_cast<float>(options_.eps);
    float* __restrict value = run.value;
    const float* __restrict gradient = run.gradient;
    float* __restrict square = run.slot[0];
    for (std::int64_t i = 0; i < run.count; ++i) {
      const float g = gradient[i] + decay_ * value[i];
      square[i] = alpha * square[i] + fresh * g * g;
      float variance = square[i];
      if constexpr (kIsCentered) {
        mean[i] = alpha * mean[i] + fresh * g;
        variance = std::max(variance - mean[i] * mean[i], 0.F);  // rounding may leave it below 0
      }
      float step = g / (std::sqrt(variance) + eps);
      if constexpr (kHasMomentum) step = buffer[i] = momentum_ * buffer[i] + step;
      value[i] -= rate_ * step;
    }
  }

  RmsPropOptions options_;
  float momentum_ = 0, rate_ = 0, decay_ = 0;  // of the current group
};

}  // namespace

std::unique_ptr<Optimizer> make_rms_prop(JsonObject& object) {
  return std::make_unique<RMSprop>(read_rms_prop_options(object));
}

}  // namespace lucid
