#include <algorithm>
#include <array>
#include <cmath>

#include "train/schedule/schedules.h"

namespace lucid {
namespace {

struct PlateauOptions {
  bool higher_is_better, is_relative;  // mode, threshold_mode
  double factor, threshold, min_lr, eps;
  std::int64_t patience, cooldown;
};

class ReduceLROnPlateau final : public Schedule {
 public:
  explicit ReduceLROnPlateau(const PlateauOptions& options) : o_(options) {}

  double rate(double base_rate, const SchedulePoint& point) const override {
    double rate = base_rate;
    for (std::int64_t i = 0; i < point.reductions; ++i) {
      const double next = std::max(rate * o_.factor, o_.min_lr);
      if (rate - next <= o_.eps) break;  // and so it stays
      rate = next;
    }
    return rate;
  }

  void watch(double monitored, PlateauState& state) const override {
    if (std::isnan(monitored)) return;  // it is not defined, and neither better nor worse
    if (is_better(monitored, state)) {
      state.has_best = true;
      state.best = monitored;
      state.bad_epochs = 0;
    } else {
      ++state.bad_epochs;
    }
    if (state.cooldown > 0) {
      --state.cooldown;
      state.bad_epochs = 0;
    }
    if (state.bad_epochs <= o_.patience) return;
    ++state.reductions;
    state.cooldown = o_.cooldown;
    state.bad_epochs = 0;
  }

 private:
  bool is_better(double value, const PlateauState& state) const {
    if (!state.has_best) return true;
    const double margin = o_.higher_is_better ? o_.threshold : -o_.threshold;
    const double wanted = o_.is_relative ? state.best * (1 + margin) : state.best + margin;
    return o_.higher_is_better ? value > wanted : value < wanted;
  }

  PlateauOptions o_;
};

}  // namespace

std::unique_ptr<Schedule> make_reduce_lr_on_plateau(JsonObject& object,
                                                    const ScheduleContext& context) {
  const std::array<std::string, 2> modes = {"min", "max"}, threshold_modes = {"rel", "abs"};
  const std::string mode = object.choice("mode", modes, context.higher_is_better ? "max" : "min");
  const PlateauOptions options{
      .higher_is_better = mode == "max",
      .is_relative = object.choice("threshold_mode", threshold_modes, "rel") == "rel",
      .factor = object.number("factor", {.low = 0, .high = 1, .below_high = true}, 0.1),
      .threshold = object.number("threshold", {.low = 0}, 1e-4),
      .min_lr = object.number("min_lr", {.low = 0}, 0.0),
      .eps = object.number("eps", {.low = 0}, 1e-8),
      .patience = object.integer("patience", {.low = 0}, 10),
      .cooldown = object.integer("cooldown", {.low = 0}, 0)};
  if (context.is_part)
    object.error("type", "ReduceLROnPlateau cannot be part of SequentialLR, as in PyTorch");
  return std::make_unique<ReduceLROnPlateau>(options);
}

}  // namespace lucid
