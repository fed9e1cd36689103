#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include "train/schedule/kinds.h"

namespace lucid {
namespace {

struct OneCycleOptions {
  std::optional<double> max_lr;             // empty: the optimizer's lr
  std::optional<std::int64_t> total_steps;  // empty: the run's length
  double pct_start, div_factor, final_div_factor;
  double base_momentum, max_momentum;
  bool cycle_momentum, is_cosine, three_phase;
};

class OneCycleLR final : public Schedule {
 public:
  explicit OneCycleLR(const OneCycleOptions& options) : o_(options) {}

  double base_rate(double optimizer_rate) const override {
    return o_.max_lr.value_or(optimizer_rate);
  }

  double rate(double base_rate, const SchedulePoint& point) const override {
    const double first = base_rate / o_.div_factor, last = first / o_.final_div_factor;
    const Place place = place_of(point);
    const std::array<double, 4> corners = {first, base_rate, o_.three_phase ? first : last, last};
    return between(corners[place.phase], corners[place.phase + 1], place.part);
  }

  std::optional<double> momentum(const SchedulePoint& point) const override {
    if (!o_.cycle_momentum) return std::nullopt;
    const Place place = place_of(point);
    const std::array<double, 4> corners = {o_.max_momentum, o_.base_momentum, o_.max_momentum,
                                           o_.max_momentum};
    return between(corners[place.phase], corners[place.phase + 1], place.part);
  }

 private:
  struct Place {
    std::size_t phase;
    double part;  // of the phase, from 0 to 1
  };

  // PyTorch's phases end a step early each, at fractions of steps.
  Place place_of(const SchedulePoint& point) const {
    if (!o_.total_steps && point.length == 0)
      return {0, 0};  // the run ends before the cycle begins
    const auto total =
        static_cast<double>(o_.total_steps.value_or(std::max<std::int64_t>(point.length, 1)));
    const double peak = o_.pct_start * total - 1, end = total - 1;
    const double at = std::min(static_cast<double>(point.at), end);
    const std::array<double, 4> bounds = {0, peak,
                                          o_.three_phase ? 2 * o_.pct_start * total - 2 : end, end};
    const std::size_t phases = o_.three_phase ? 3 : 2;
    std::size_t phase = 0;
    while (phase + 1 < phases && at > bounds[phase + 1]) ++phase;
    const double length = bounds[phase + 1] - bounds[phase];
    return {phase, length == 0 ? 1 : (at - bounds[phase]) / length};
  }

  double between(double from, double to, double part) const {
    return o_.is_cosine ? to + (from - to) / 2 * (1 + std::cos(std::numbers::pi * part))
                        : from + (to - from) * part;
  }

  OneCycleOptions o_;
};

}  // namespace

std::unique_ptr<Schedule> make_one_cycle_lr(JsonObject& object, const ScheduleContext& context) {
  const std::array<std::string, 2> strategies = {"cos", "linear"};
  const NumberRange factor{.low = 0, .above_low = true};
  const NumberRange momentum{.low = 0, .high = 1, .below_high = true};
  OneCycleOptions options{.max_lr = std::nullopt,
                          .total_steps = std::nullopt,
                          .pct_start = object.number("pct_start", {.low = 0, .high = 1}, 0.3),
                          .div_factor = object.number("div_factor", factor, 25.0),
                          .final_div_factor = object.number("final_div_factor", factor, 1e4),
                          .base_momentum = object.number("base_momentum", momentum, 0.85),
                          .max_momentum = object.number("max_momentum", momentum, 0.95),
                          .cycle_momentum = object.boolean("cycle_momentum", true),
                          .is_cosine = object.choice("anneal_strategy", strategies, "cos") == "cos",
                          .three_phase = object.boolean("three_phase", false)};
  if (object.has("max_lr")) options.max_lr = object.number("max_lr", {.low = 0});
  if (object.has("total_steps")) options.total_steps = object.integer("total_steps", {.low = 1});
  object.only_null({"epochs", "steps_per_epoch"});
  if (context.is_part)
    object.error("type", "OneCycleLR cannot be part of SequentialLR: it is a whole run's");
  return std::make_unique<OneCycleLR>(options);
}

}  // namespace lucid
