#include "train/schedule/learning_rate.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace lucid {
namespace {

constexpr IntegerRange kLength{1, std::int64_t{1} << 40};

ScheduleUnit read_unit(JsonObject& object) {
  const Json* type = object.find("type");
  const auto is = [&](const char* name) { return type != nullptr && *type == name; };
  const std::array<std::string, 2> units = {"step", "epoch"};
  const bool is_step = object.choice("unit", units, is("OneCycleLR") ? "step" : "epoch") == "step";
  if (is_step && is("ReduceLROnPlateau"))
    object.error("unit",
                 "expected 'epoch' with ReduceLROnPlateau, which looks at the monitored value "
                 "once an epoch, found 'step'");
  return is_step ? ScheduleUnit::kStep : ScheduleUnit::kEpoch;
}

WarmUp read_warm_up(JsonObject& object) {
  WarmUp warm_up;
  if (!object.is_sound()) return warm_up;  // it is no object
  const bool in_steps = object.has("steps"), in_epochs = object.has("epochs");
  if (in_steps == in_epochs) {
    object.error("", std::string("expected one of the keys 'steps' and 'epochs', found ") +
                         (in_steps ? "both" : "neither"));
  } else {
    warm_up.unit = in_steps ? ScheduleUnit::kStep : ScheduleUnit::kEpoch;
    warm_up.length = object.integer(in_steps ? "steps" : "epochs", kLength);
  }
  warm_up.start_factor =
      object.number("start_factor", {.low = 0, .high = 1, .above_low = true}, 1.0 / 3);
  object.finish();
  return warm_up;
}

}  // namespace

LearningRate read_learning_rate(JsonObject& object, double rate, const ScheduleContext& context) {
  const ScheduleUnit unit = read_unit(object);
  WarmUp warm_up;
  const bool has_warm_up = object.has("warmup");
  if (has_warm_up) {
    JsonObject child = *object.object("warmup", true);
    warm_up = read_warm_up(child);
  }
  std::unique_ptr<Schedule> schedule;
  if (has_warm_up && !object.has("type"))
    object.finish();
  else
    schedule = make_schedule(object, context);
  if (!schedule) schedule = constant_schedule();
  return {rate, std::move(schedule), unit, warm_up};
}

double LearningRate::rate(double lr_factor, const RunPoint& point, const RunLength& length) const {
  const double scheduled =
      schedule_->rate(schedule_->base_rate(rate_) * lr_factor, place_of(point, length));
  const std::int64_t at = warm_up_.unit == ScheduleUnit::kEpoch ? point.epoch : point.step;
  if (at >= warm_up_.length) return scheduled;
  const double part = static_cast<double>(at) / static_cast<double>(warm_up_.length);
  return scheduled * (warm_up_.start_factor + (1 - warm_up_.start_factor) * part);
}

std::optional<double> LearningRate::momentum(const RunPoint& point, const RunLength& length) const {
  return schedule_->momentum(place_of(point, length));
}

void LearningRate::watch(std::int64_t epoch, double monitored, const RunLength& length,
                         PlateauState& state) const {
  if (epoch >= warm_up_length(ScheduleUnit::kEpoch, length)) schedule_->watch(monitored, state);
}

// In epochs it is the whole ones that the warm-up fills.
std::int64_t LearningRate::warm_up_length(ScheduleUnit unit, const RunLength& length) const {
  if (unit == warm_up_.unit) return warm_up_.length;
  return unit == ScheduleUnit::kStep ? warm_up_.length * length.steps_per_epoch
                                     : warm_up_.length / length.steps_per_epoch;
}

SchedulePoint LearningRate::place_of(const RunPoint& point, const RunLength& length) const {
  const bool in_steps = unit_ == ScheduleUnit::kStep;
  std::int64_t whole = length.epochs;
  if (in_steps) {
    whole = length.epochs * length.steps_per_epoch;
    whole = std::min(whole, length.max_steps.value_or(whole));
  }
  const std::int64_t before = warm_up_length(unit_, length);
  return {.at = std::max<std::int64_t>((in_steps ? point.step : point.epoch) - before, 0),
          .length = std::max<std::int64_t>(whole - before, 0),
          .reductions = point.reductions};
}

}  // namespace lucid
