#include <nlohmann/json.hpp>

#include "train/optimizer/optimizers.h"
#include "train/optimizer/slot_optimizer.h"

namespace lucid {
namespace {

struct SgdOptions {
  double momentum, weight_decay;
  bool nesterov;
};

SgdOptions read_sgd_options(JsonObject& object) {
  const SgdOptions options{.momentum = object.number("momentum", {.low = 0}, 0.0),
                           .weight_decay = object.number("weight_decay", {.low = 0}, 0.0),
                           .nesterov = object.boolean("nesterov", false)};
  if (object.has("dampening")) object.only("dampening", 0);
  refuse_switches(object, {"maximize", "foreach", "differentiable", "fused"});
  if (options.nesterov && options.momentum == 0)
    object.error("nesterov", "expected false without momentum, found true; set momentum > 0");
  return options;
}

class Sgd final : public SlotOptimizer {
 public:
  explicit Sgd(const SgdOptions& options)
      : SlotOptimizer(options.momentum == 0 ? std::vector<std::string>{}
                                            : std::vector<std::string>{"momentum_buffer"},
                      options.weight_decay),
        options_(options) {}

  bool has_momentum() const override { return options_.momentum > 0; }

 private:
  void begin_group(const GroupStep& group) override {
    momentum_ = static_cast<float>(group.momentum.value_or(options_.momentum));
    // PyTorch's buffer starts as the first gradient: the first step multiplies its zeros by 0.
    kept_ = group.step == 1 ? 0 : momentum_;
    rate_ = static_cast<float>(group.learning_rate);
    decay_ = static_cast<float>(group.weight_decay);
  }

  void update(const Run& run) const override {
    float* __restrict value = run.value;
    const float* __restrict gradient = run.gradient;
    float* __restrict buffer = run.slot[0];
    if (buffer == nullptr) {
      for (std::int64_t i = 0; i < run.count; ++i)
        value[i] -= rate_ * (gradient[i] + decay_ * value[i]);
      return;
    }
    const float fresh = options_.nesterov ? 1.F : 0.F;
    const float buffered = options_.nesterov ? momentum_ : 1.F;
    for (std::int64_t i = 0; i < run.count; ++i) {
      const float g = gradient[i] + decay_ * value[i];
      buffer[i] = kept_ * buffer[i] + g;
      value[i] -= rate_ * (fresh * g + buffered * buffer[i]);
    }
  }

  SgdOptions options_;
  float momentum_ = 0, kept_ = 0, rate_ = 0, decay_ = 0;  // of the current group
};

}  // namespace

std::unique_ptr<Optimizer> make_sgd(JsonObject& object) {
  return std::make_unique<Sgd>(read_sgd_options(object));
}

}  // namespace lucid
