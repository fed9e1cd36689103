#include <nlohmann/json.hpp>

#include "planning/fingerprint/fingerprint.h"

namespace lucid {
namespace {

// Returns smallest, median and largest value along each axis.
template <typename T>
Json range_json(const std::vector<std::array<T, 3>>& all) {
  Json range{{"min", Json::array()}, {"median", Json::array()}, {"max", Json::array()}};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    std::vector<double> values;
    for (const auto& one : all) values.push_back(static_cast<double>(one[axis]));
    range["min"].push_back(percentile_of(values, 0));
    range["median"].push_back(percentile_of(values, 50));
    range["max"].push_back(percentile_of(values, 100));
  }
  return range;
}

const char* task_name(PlanTask task) {
  switch (task) {
    case PlanTask::kSegmentation:
      return "segmentation";
    case PlanTask::kClassification:
      return "classification";
    case PlanTask::kRegression:
      return "regression";
  }
  return "";
}

}  // namespace

Json fingerprint_json(const Fingerprint& fingerprint) {
  Json channels = Json::array(), components = Json::array();
  for (const ChannelValues& one : fingerprint.channels) {
    Json channel{{"mean", one.mean},
                 {"std", one.std},
                 {"percentile_00_5", one.low},
                 {"percentile_99_5", one.high}};
    if (!one.name.empty()) channel["name"] = one.name;
    channels.push_back(channel);
  }
  for (const ClassComponents& one : fingerprint.components)
    components.push_back({{"volumes", one.volumes},
                          {"median_count", one.count},
                          {"median_largest_voxels", one.largest},
                          {"median_largest_share", one.largest_share}});
  Json json{{"task", task_name(fingerprint.task)},
            {"cases", fingerprint.geometry.shapes.size()},
            {"channels", channels},
            {"shapes_after_crop", range_json(fingerprint.geometry.shapes)},
            {"spacings", range_json(fingerprint.geometry.spacings)},
            {"has_spacing", fingerprint.has_spacing},
            {"median_relative_size_after_cropping", fingerprint.relative_size}};
  if (fingerprint.task == PlanTask::kRegression) {
    json["targets"] = fingerprint.targets;
  } else {
    json["class_counts"] = fingerprint.class_counts;
    if (!fingerprint.class_names.empty()) json["class_names"] = fingerprint.class_names;
  }
  if (!fingerprint.components.empty()) json["components"] = components;
  if (!fingerprint.components.empty()) json["share_variation"] = fingerprint.share_variation;
  if (fingerprint.components.size() > 1) json["class_order"] = fingerprint.class_order;
  return json;
}

}  // namespace lucid
