#include "data/resample/grid_config.h"

#include <array>
#include <nlohmann/json.hpp>

namespace lucid {
namespace {

std::optional<VoxelSize> read_size(JsonObject& data, const std::string& key) {
  const std::vector<double> sides = data.numbers(key, {.low = 0, .high = 1e6, .above_low = true});
  if (sides.size() == 3) return VoxelSize{sides[0], sides[1], sides[2]};
  if (data.is_sound())
    data.error(key, "expected [d, h, w] in mm, found " + std::to_string(sides.size()) + " numbers");
  return std::nullopt;
}

bool is_given(const Json* value) { return value != nullptr && !value->is_null(); }

}  // namespace

GridConfig read_grid_config(JsonObject& data) {
  GridConfig config;
  if (is_given(data.find("spacing"))) {
    const Json& spacing = *data.find("spacing");
    config.takes_median = spacing == "median";
    if (!config.takes_median && !spacing.is_array())
      data.expected("spacing", "null, 'median' or [d, h, w] in mm", spacing);
    else if (!config.takes_median)
      config.spacing = read_size(data, "spacing");
  }
  if (is_given(data.find("voxel_size"))) config.voxel_size = read_size(data, "voxel_size");
  if (is_given(data.find("crop"))) {
    const std::array<std::string, 1> kinds{"nonzero"};
    config.crops_to_nonzero = data.choice("crop", kinds) == kinds[0];
  }
  return config;
}

Json grid_json(const GridConfig& config) {
  Json json = Json::object();
  if (config.spacing) json["spacing"] = *config.spacing;
  if (config.takes_median) json["spacing"] = "median";
  if (config.voxel_size) json["voxel_size"] = *config.voxel_size;
  if (config.crops_to_nonzero) json["crop"] = "nonzero";
  return json;
}

}  // namespace lucid
