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
  return read_config(read_json_file(path), path, fs::path(path).parent_path(), overrides);
}

RunConfig read_config(Json json, const std::string& file, const fs::path& folder,
                      const Overrides& overrides) {
  apply(json, overrides);
  return read_run_config(std::move(json), file, folder);
}

void compare_configs(const Json& was, const Json& is, ConfigErrors& errors) {
  compare(was, is, "", errors);
}

RunConfig resumed_config(Json saved, const Json& wanted, const std::string& file) {
  saved["train"] = wanted["train"];
  RunConfig config = read_run_config(std::move(saved), file, "");
  ConfigErrors errors(file);
  compare(config.json, wanted, "", errors);
  errors.throw_if_any();
  return config;
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
  return resumed_config(std::move(json), effective, config_file);
}

}  // namespace lucid
