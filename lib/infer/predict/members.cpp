#include "infer/predict/members.h"

#include <nlohmann/json.hpp>

#include "infer/predict/member_mean.h"
#include "objective/prediction/outputs.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// What members have to agree in, and what to do where they do not.
struct SharedValue {
  const char* place;  // in a config
  Json value;
  const char* remedy;
};

constexpr auto kOtherNetworks = "predict with networks of one experiment, or one after the other";

Json normalize_json(const NormalizeConfig& config) {
  return config.rule ? Json(rule_text(*config.rule) + " of each volume")
                     : normalization_json(config.given);
}

const char* text_of(PatchPadding padding) {
  return padding == PatchPadding::kReflect ? "reflect" : "constant";
}

const char* text_of(PredictionMeaning meaning) {
  if (meaning == PredictionMeaning::kValues) return "values";
  return meaning == PredictionMeaning::kClasses ? "classes" : "binary channels";
}

Json inputs_json(const VolumesConfig& volumes) {
  Json inputs = Json::array({volumes.input});
  for (const std::string& other : volumes.other_inputs) inputs.push_back(other);
  return inputs.size() == 1 ? inputs.front() : inputs;
}

Json shapes_json(const Graph& graph) {
  Json shapes = Json::array();
  for (const Shape& shape : output_shapes(graph)) shapes.push_back(shape.str());
  return shapes;
}

// The size of voxels that are predicted is that of the input.
std::string output_text(const Graph& graph) {
  const Shape output = graph.output_shape();
  return predicts_voxels(graph) ? std::to_string(output[0]) + " channels of the input's voxels"
                                : output.str();
}

void add_data(const InferOptions& options, const TrainedConfig& config,
              std::vector<SharedValue>& values) {
  values.push_back(
      {"/data/normalize", normalize_json(config.normalize),
       "folds that are trained together share it; or give all networks the same numbers"});
  const Json grid = grid_json(config.grid);
  values.push_back({"/data/spacing", grid.value("spacing", Json()), kOtherNetworks});
  values.push_back({"/data/crop", grid.value("crop", Json()), kOtherNetworks});
  if (!options.voxel_size)
    values.push_back({"/data/voxel_size", grid.value("voxel_size", Json()), "give --voxel-size"});
  values.push_back({"/data/patch/padding_mode", text_of(config.padding), kOtherNetworks});
  if (!options.dataset)
    values.push_back({"/data/train/input", inputs_json(config.volumes), "give --dataset"});
  if (!options.axes) values.push_back({"/data/train/axes", config.volumes.axes, "give --axes"});
  if (options.target && !options.mask)
    values.push_back({"/data/train/mask", config.volumes.mask, "give --mask"});
}

// What is read once for all members, and what their mean is taken of.
std::vector<SharedValue> shared_values(const InferOptions& options, const TrainedConfig& config) {
  const Shape& input = config.graph.input_shape();
  const bool has_size = options.tiles && (options.tiles->patch || options.tiles->takes_largest);
  std::vector<SharedValue> values{{"/model/input/channels", input[0], kOtherNetworks}};
  if (!has_size)
    values.push_back({"/model/input/size", Json::array({input[1], input[2], input[3]}),
                      "give a size for all with --patch, if they predict voxels"});
  values.push_back({"/model", output_text(config.graph), kOtherNetworks});
  values.push_back({"/loss", text_of(meaning_of(config)), kOtherNetworks});
  add_data(options, config, values);
  if (options.target) values.push_back({"/model", shapes_json(config.graph), "leave --target out"});
  return values;
}

void check_agreement(const InferOptions& options, const TrainedConfig& first,
                     const fs::path& checkpoint, const TrainedConfig& other) {
  const std::vector<SharedValue> wanted = shared_values(options, first),
                                 found = shared_values(options, other);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].value == found[i].value) continue;
    throw Error(ExitCode::kData, checkpoint.string() + ": config: " + wanted[i].place +
                                     ": expected " + found_text(wanted[i].value) + " as in " +
                                     options.checkpoints.front().string() + ", found " +
                                     found_text(found[i].value) + "; " + wanted[i].remedy);
  }
}

void add(TrainedConfig other, TrainedConfig& all) {
  all.other_graphs.push_back(std::move(other.graph));
  all.was_trained_on_patches = all.was_trained_on_patches || other.was_trained_on_patches;
  for (std::size_t axis = 0; axis < 3; ++axis)
    all.mirrored[axis] = all.mirrored[axis] && other.mirrored[axis];
  std::vector<std::string>& cases = all.volumes.cases;
  if (other.volumes.cases.empty()) cases.clear();
  if (!cases.empty())
    cases.insert(cases.end(), other.volumes.cases.begin(), other.volumes.cases.end());
  all.volumes.files.insert(all.volumes.files.end(), other.volumes.files.begin(),
                           other.volumes.files.end());
}

}  // namespace

TrainedConfig read_members(const InferOptions& options) {
  TrainedConfig all = read_trained_config(options.checkpoints.front());
  for (std::size_t i = 1; i < options.checkpoints.size(); ++i) {
    TrainedConfig other = read_trained_config(options.checkpoints[i]);
    check_agreement(options, all, options.checkpoints[i], other);
    add(std::move(other), all);
  }
  return all;
}

TrainedConfig read_members(const InferOptions& options, const Triple& size) {
  TrainedConfig all = read_trained_config(options.checkpoints.front(), size);
  for (std::size_t i = 1; i < options.checkpoints.size(); ++i)
    add(read_trained_config(options.checkpoints[i], size), all);
  return all;
}

}  // namespace lucid
