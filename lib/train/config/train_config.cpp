#include "train/config/train_config.h"

#include <nlohmann/json.hpp>

namespace lucid {
namespace {

constexpr IntegerRange kCount{0, std::int64_t{1} << 40}, kPositive{1, std::int64_t{1} << 40};

// Reads how often checkpoints are written and when a run stops early.
void read_keeping(JsonObject& object, TrainConfig& c) {
  if (auto every = object.object("checkpoint_every", false)) {
    c.checkpoint_every.epochs = every->integer("epochs", kPositive, c.checkpoint_every.epochs);
    c.checkpoint_every.minutes =
        every->number("minutes", {.low = 0, .above_low = true}, c.checkpoint_every.minutes);
    every->finish();
  }
  if (object.has("early_stopping")) {
    JsonObject stopping = *object.object("early_stopping", true);
    c.early_stopping.emplace();
    c.early_stopping->patience =
        stopping.integer("patience", kPositive, c.early_stopping->patience);
    c.early_stopping->min_delta =
        stopping.number("min_delta", {.low = 0}, c.early_stopping->min_delta);
    stopping.finish();
  }
}

// Reads "preview", false or {"every": N, "cases": N}.
Preview read_preview(JsonObject& object) {
  constexpr IntegerRange kCases{1, 1000};
  const Json* value = object.find("preview");
  if (value == nullptr || value->is_null()) return {};
  if (value->is_boolean() && !value->get<bool>()) return {.best = Preview::Best::kNever};
  if (!value->is_object()) {
    object.expected("preview", "false or an object", *value);
    return {};
  }
  JsonObject preview = *object.object("preview", true);
  Preview read{.best = Preview::Best::kAlways};
  read.every = preview.integer("every", kPositive, read.every);
  read.cases = preview.integer("cases", kCases, 3);
  preview.finish();
  return read;
}

// Reads "recompute", a boolean or {"memory_mb": N}.
std::optional<std::size_t> read_memory_budget(JsonObject& object) {
  constexpr IntegerRange kMebibytes{1, 1 << 30};
  const Json* value = object.find("recompute");
  if (value == nullptr || value->is_null()) return {};
  if (value->is_boolean()) return value->get<bool>() ? std::optional<std::size_t>(0) : std::nullopt;
  if (!value->is_object()) {
    object.expected("recompute", "true, false or an object", *value);
    return {};
  }
  JsonObject budget = *object.object("recompute", true);
  const auto mebibytes = static_cast<std::size_t>(budget.integer("memory_mb", kMebibytes));
  budget.finish();
  return mebibytes << 20;
}

// Reads "time_limit", hours or {"minutes": N}; returns seconds.
std::optional<double> read_time_limit(JsonObject& object) {
  constexpr NumberRange kLimit{.low = 0, .high = 1e9, .above_low = true};
  const Json* value = object.find("time_limit");
  if (value == nullptr || value->is_null()) return {};
  if (value->is_number()) return 3600 * object.number("time_limit", kLimit);
  if (!value->is_object()) {
    object.expected("time_limit", "hours or an object", *value);
    return {};
  }
  JsonObject limit = *object.object("time_limit", true);
  const double minutes = limit.number("minutes", kLimit);
  limit.finish();
  return 60 * minutes;
}

// Reads "tensorboard", a boolean or {"histograms_every": N}.
std::optional<TensorBoardConfig> read_tensorboard(JsonObject& object) {
  TensorBoardConfig c;
  const Json* value = object.find("tensorboard");
  if (value == nullptr || value->is_null()) return {};
  if (value->is_boolean()) return value->get<bool>() ? std::optional(c) : std::nullopt;
  if (!value->is_object()) {
    object.expected("tensorboard", "true, false or an object", *value);
    return {};
  }
  JsonObject given = *object.object("tensorboard", true);
  c.histograms_every = given.integer("histograms_every", kCount, c.histograms_every);
  given.finish();
  return c;
}

}  // namespace

TrainConfig read_train_config(JsonObject& object) {
  TrainConfig c;
  c.epochs = object.integer("epochs", kCount, c.epochs);
  if (object.has("max_steps")) c.max_steps = object.integer("max_steps", kPositive);
  c.limit_seconds = read_time_limit(object);
  c.log_every = object.integer("log_every", kPositive, c.log_every);
  if (object.has("weights")) {
    c.weights = object.string("weights");
    if (*object.find("weights") == "")
      object.error("weights", "expected the path of a file, found ''");
  }
  if (object.has("gradient_clip"))
    c.gradient_clip = object.number("gradient_clip", {.low = 0, .above_low = true});
  c.accumulate = object.integer("accumulate", kPositive, c.accumulate);
  c.shards = object.integer("shards", kPositive, c.shards);
  if (object.has("ema")) {
    JsonObject ema = *object.object("ema", true);
    c.ema_decay = ema.number("decay", {.low = 0, .high = 1}, 0.999);
    ema.finish();
  }
  const std::vector<std::string>& names = training_precision_names();
  c.precision = precision_named(object.choice("precision", names, names.front()));
  if (const std::string error = precision_error(c.precision); !error.empty())
    object.error("precision", error);
  c.freeze = object.strings("freeze", false);
  c.memory_budget = read_memory_budget(object);
  c.preview = read_preview(object);
  read_keeping(object, c);
  c.tensorboard = read_tensorboard(object);
  if (object.has("folds")) {
    JsonObject folds = *object.object("folds", true);
    c.folds = read_folds_config(folds);
  }
  c.monitor = object.string("monitor", "");
  return c;
}

}  // namespace lucid
