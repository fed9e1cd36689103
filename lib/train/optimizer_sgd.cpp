#include <nlohmann/json.hpp>

#include "train/optimizer_kinds.h"

namespace lucid {
namespace {

struct SgdOptions {
  double momentum, weight_decay;
  bool nesterov;
};

SgdOptions read_options(JsonObject& object) {
  const SgdOptions options{.momentum = object.number("momentum", {.low = 0}, 0.0),
                           .weight_decay = object.number("weight_decay", {.low = 0}, 0.0),
                           .nesterov = object.boolean("nesterov", false)};
  if (object.has("dampening")) object.only("dampening", 0);
  refuse_switches(object, {"maximize", "foreach", "differentiable", "fused"});
  if (options.nesterov && options.momentum == 0)
    object.problem("nesterov", "expected false without momentum, found true; set momentum > 0");
  return options;
}

class Sgd final : public SlotOptimizer {
 public:
  explicit Sgd(const SgdOptions& options)
      : SlotOptimizer(options.momentum == 0 ? std::vector<std::string>{}
                                            : std::vector<std::string>{"momentum_buffer"}),
        momentum_(static_cast<float>(options.momentum)),
        weight_decay_(static_cast<float>(options.weight_decay)),
        nesterov_(options.nesterov) {}

 private:
  void begin_step(std::int64_t step, double learning_rate) override {
    // PyTorch's buffer starts as the first gradient: zeros that decay by nothing become it.
    decay_ = step == 1 ? 0 : momentum_;
    rate_ = static_cast<float>(learning_rate);
  }

  void update(const Run& run) const override {
    float* __restrict value = run.value;
    const float* __restrict gradient = run.gradient;
    float* __restrict buffer = run.slot[0];
    if (buffer == nullptr) {
      for (std::int64_t i = 0; i < run.count; ++i)
        value[i] -= rate_ * (gradient[i] + weight_decay_ * value[i]);
      return;
    }
    const float fresh = nesterov_ ? 1.F : 0.F, buffered = nesterov_ ? momentum_ : 1.F;
    for (std::int64_t i = 0; i < run.count; ++i) {
      const float g = gradient[i] + weight_decay_ * value[i];
      buffer[i] = decay_ * buffer[i] + g;
      value[i] -= rate_ * (fresh * g + buffered * buffer[i]);
    }
  }

  float momentum_, weight_decay_;
  bool nesterov_;
  float decay_ = 0, rate_ = 0;  // of the step under way
};

}  // namespace

std::unique_ptr<Optimizer> make_sgd(JsonObject& object) {
  return std::make_unique<Sgd>(read_options(object));
}

}  // namespace lucid
