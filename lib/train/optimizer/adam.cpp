#include <cmath>
#include <nlohmann/json.hpp>

#include "train/optimizer/optimizers.h"
#include "train/optimizer/slot_optimizer.h"

namespace lucid {
namespace {

struct AdamOptions {
  double beta1 = 0.9, beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;
};

// Weight decay is added to the gradient (Adam) or applied to the parameter directly (AdamW).
enum class Decay { kInGradient, kDecoupled };

AdamOptions read_adam_options(JsonObject& object, double default_weight_decay) {
  AdamOptions options;
  options.eps = object.number("eps", {.low = kSmallestEps}, options.eps);
  options.weight_decay = object.number("weight_decay", {.low = 0}, default_weight_decay);
  refuse_switches(object,
                  {"amsgrad", "maximize", "foreach", "capturable", "differentiable", "fused"});
  const std::vector<double> betas =
      object.numbers("betas", {.low = 0, .high = 1, .below_high = true});
  if (betas.empty()) return options;
  if (betas.size() != 2) {
    object.expected("betas", "two numbers", *object.find("betas"));
    return options;
  }
  options.beta1 = betas[0];
  options.beta2 = betas[1];
  return options;
}

class Adam final : public SlotOptimizer {
 public:
  Adam(const AdamOptions& options, Decay decay)
      : SlotOptimizer({"exp_avg", "exp_avg_sq"}, options.weight_decay),
        options_(options),
        decay_(decay) {}

  bool has_momentum() const override { return true; }

 private:
  void begin_group(const GroupStep& group) override {
    const auto count = static_cast<double>(group.step);
    const double beta1 = group.momentum.value_or(options_.beta1);
    const double correction1 = 1 - std::pow(beta1, count);
    const double correction2 = 1 - std::pow(options_.beta2, count);
    const bool is_decoupled = decay_ == Decay::kDecoupled;
    beta1_ = static_cast<float>(beta1);
    fresh1_ = static_cast<float>(1 - beta1);
    rate_ = static_cast<float>(group.learning_rate / correction1);
    root_ = static_cast<float>(std::sqrt(correction2));
    keep_ = static_cast<float>(is_decoupled ? 1 - group.learning_rate * group.weight_decay : 1.0);
    pull_ = static_cast<float>(is_decoupled ? 0.0 : group.weight_decay);
  }

  void update(const Run& run) const override {
    const auto beta2 = static_cast<float>(options_.beta2);
    const auto fresh2 = static_cast<float>(1 - options_.beta2);
    const auto eps = static_cast<float>(options_.eps);
    float* __restrict value = run.value;
    const float* __restrict gradient = run.gradient;
    float* __restrict mean = run.slot[0];
    float* __restrict square = run.slot[1];
    for (std::int64_t i = 0; i < run.count; ++i) {
      const float kept = keep_ * value[i];
      const float g = gradient[i] + pull_ * value[i];
      mean[i] = beta1_ * mean[i] + fresh1_ * g;
      square[i] = beta2 * square[i] + fresh2 * g * g;
      value[i] = kept - rate_ * mean[i] / (std::sqrt(square[i]) / root_ + eps);
    }
  }

  AdamOptions options_;
  Decay decay_;
  // These belong to the current group of parameters.
  float beta1_ = 0, fresh1_ = 1, rate_ = 0, root_ = 1, keep_ = 1, pull_ = 0;
};

}  // namespace

std::unique_ptr<Optimizer> make_adam(JsonObject& object) {
  return std::make_unique<Adam>(read_adam_options(object, 0.0), Decay::kInGradient);
}

std::unique_ptr<Optimizer> make_adam_w(JsonObject& object) {
  return std::make_unique<Adam>(read_adam_options(object, 0.01), Decay::kDecoupled);
}

}  // namespace lucid
