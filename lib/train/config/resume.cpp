#include "train/config/resume.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace lucid {
namespace {

namespace fs = std::filesystem;

void apply(Json& json, const Overrides& overrides) {
  for (const std::string& assignment : overrides.assignments) override_key(json, assignment);
  if (overrides.weights) override_key(json, "train.weights=" + json_text(Json(*overrides.weights)));
  if (overrides.epochs) override_key(json, "train.epochs=" + std::to_string(*overrides.epochs));
  if (overrides.seed) override_key(json, "seed=" + std::to_string(*overrides.seed));
  const Json::json_pointer tensorboard("/train/tensorboard");
  const bool has_options = json.contains(tensorboard) && json[tensorboard].is_object();
  if (overrides.tensorboard && !has_options) override_key(json, "train.tensorboard=true");
}

// The file may still say "auto" where the run resolved it from the data when it began.
bool is_resolved_auto(const Json& was, const Json& is) {
  return is == "auto" && (was.is_object() || was.is_array());
}

void compare(const Json& was, const Json& is, const std::string& pointer, ConfigErrors& errors) {
  if (pointer == "/train" || was == is || is_resolved_auto(was, is)) return;
  if (was.is_array() && is.is_array() && was.size() == is.size()) {
    for (std::size_t i = 0; i < was.size(); ++i)
      compare(was[i], is[i], pointer + "/" + std::to_string(i), errors);
    return;
  }
  if (!was.is_object() || !is.is_object()) {
    errors.add(pointer,
               "expected " + found_text(was) + " as in the run to resume, found " + found_text(is));
    return;
  }
  for (const auto& [key, value] : was.items())
    compare(value, is.value(key, Json()), child_pointer(pointer, key), errors);
  for (const auto& [key, value] : is.items())
    if (!was.contains(key)) compare(Json(), value, child_pointer(pointer, key), errors);
}

}  // namespace

RunConfig read_config_file(const std::string& path, const Overrides& overrides) {
  Json json = read_json_file(path);
  apply(json, overrides);
  return read_run_config(std::move(json), path, fs::path(path).parent_path());
}

RunConfig read_resumed_config(const CheckpointFile& checkpoint, const std::string& config_file,
                              const Overrides& overrides) {
  Json json = checkpoint.config();
  const Json model = json["model"];
  if (json["train"].is_object()) json["train"].erase("weights");  // used when the run began
  apply(json, overrides);
  if (json["model"] != model)
    throw Error(ExitCode::kUsage,
                checkpoint.path().string() +
                    ": /model: the model of a run cannot change when it is resumed; "
                    "start a new run with --weights");
  if (config_file.empty()) return read_run_config(std::move(json), checkpoint.path().string(), "");

  // Overrides are meant to differ from both files; applied to both, they compare equal.
  Json typed = read_json_file(config_file);
  if (typed.contains("train") && typed["train"].is_object()) typed["train"].erase("weights");
  apply(typed, overrides);
  const Json effective =
      read_run_config(std::move(typed), config_file, fs::path(config_file).parent_path()).json;
  json["train"] = effective["train"];
  RunConfig config = read_run_config(std::move(json), config_file, "");
  ConfigErrors errors(config_file);
  compare(config.json, effective, "", errors);
  errors.throw_if_any();
  return config;
}

}  // namespace lucid
