#include "formats/zarr/multiscales.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "base/text.h"
#include "data/volumes/voxel_size.h"
#include "formats/headers/units.h"
#include "formats/zarr/stored_geometry.h"
#include "formats/zarr/zarr_path.h"

namespace lucid {
namespace {

constexpr std::size_t kMostLevels = 64;

OmeAxis read_axis(const Json& json, const std::string& pointer, ConfigErrors& errors) {
  if (json.is_string()) return {json.get<std::string>(), "space", std::nullopt};  // 0.3
  JsonObject object(json, pointer, errors);
  OmeAxis axis{object.string("name"), object.string("type", ""), std::nullopt};
  const std::string unit = object.string("unit", "");
  if (unit.empty() || (!axis.type.empty() && axis.type != "space")) return axis;
  axis.millimetres = millimetres_of(unit);
  if (!axis.millimetres)
    object.error("unit",
                 "unknown unit " + in_quotes(unit) + "; known: " + join(length_units(), ", "));
  return axis;
}

std::vector<OmeAxis> read_axes(JsonObject& image, ConfigErrors& errors) {
  const Json* list = image.find("axes");
  std::vector<OmeAxis> axes;
  if (list == nullptr)  // 0.1 and 0.2 have all five
    for (const char* name : {"t", "c", "z", "y", "x"}) axes.push_back({name, "", std::nullopt});
  else if (!list->is_array() || list->empty() || list->size() > 5)
    image.expected("axes", "1 to 5 axes", *list);
  else
    for (std::size_t i = 0; i < list->size(); ++i)
      axes.push_back(read_axis((*list)[i], image.pointer() + "/axes/" + std::to_string(i), errors));
  return axes;
}

// Puts another transformation behind those of the level.
void append(JsonObject& step, OmeLevel& level) {
  static const std::vector<std::string> known{"scale", "translation", "identity"};
  const std::string type = step.choice("type", known);
  if (!step.is_sound() || type == "identity") return;
  const std::vector<double> values = step.numbers(
      type, {.low = type == "scale" ? 0 : NumberRange().low, .above_low = type == "scale"});
  if (!step.is_sound()) return;
  if (values.size() != level.scale.size())
    return step.error(type, "expected " + std::to_string(level.scale.size()) +
                                " numbers, one for each axis, found " +
                                std::to_string(values.size()));
  for (std::size_t axis = 0; axis < values.size(); ++axis) {
    if (type == "translation") {
      level.translation[axis] += values[axis];
      continue;
    }
    level.scale[axis] *= values[axis];
    level.translation[axis] *= values[axis];
  }
}

void append_all(JsonObject& holder, OmeLevel& level) {
  if (!holder.has("coordinateTransformations")) return;
  for (JsonObject& step : holder.objects("coordinateTransformations")) append(step, level);
}

// The axes d, h and w of an image; nullopt unless it has all of them.
std::optional<std::array<std::size_t, 3>> space_axes(const Multiscales& image) {
  std::array<std::size_t, 3> axes{};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto found = std::ranges::find(image.axes, "dhw"[i], axis_letter);
    if (found == image.axes.end()) return std::nullopt;
    axes[i] = static_cast<std::size_t>(found - image.axes.begin());
  }
  return axes;
}

// The voxels of a level along d, h and w, in mm.
struct LevelVoxels {
  std::array<double, 3> size{}, origin{};
  bool is_given = false;  // by a unit, or a size other than 1

  LevelVoxels(const Multiscales& image, const OmeLevel& level, std::span<const std::size_t> axes) {
    for (std::size_t i = 0; i < 3; ++i) {
      const std::optional<double> unit = image.axes[axes[i]].millimetres;
      size[i] = level.scale[axes[i]] * unit.value_or(1);
      origin[i] = level.translation[axes[i]] * unit.value_or(1);
      is_given = is_given || unit || level.scale[axes[i]] != 1;
    }
  }
  bool has_size(const std::array<double, 3>& other) const {
    constexpr double kEqual = 1e-6;  // units may be others
    for (std::size_t i = 0; i < 3; ++i)
      if (std::abs(size[i] - other[i]) > kEqual * other[i]) return false;
    return true;
  }
};

// Returns the geometry of a level, from that of the first one.
Geometry moved(const Geometry& first, const LevelVoxels& whole, const LevelVoxels& part) {
  Geometry geometry = first;
  const auto move = [&](Affine& affine) {
    const Affine from = affine;
    for (std::size_t axis = 0; axis < 3; ++axis)
      for (std::size_t row = 0; row < 12; row += 4) {
        const double direction = from[row + 2 - axis] / whole.size[axis];
        affine[row + 2 - axis] *= part.size[axis] / whole.size[axis];
        affine[row + 3] += direction * (part.origin[axis] - whole.origin[axis]);
      }
  };
  move(geometry.affine);
  if (geometry.qform) move(*geometry.qform);
  for (std::size_t axis = 0; axis < 3; ++axis)
    geometry.voxel_size[axis] *= part.size[axis] / whole.size[axis];
  return geometry;
}

}  // namespace

char axis_letter(const OmeAxis& axis) {
  if (axis.type == "channel") return 'c';
  if (axis.type == "time") return 'n';
  if (axis.name.size() != 1) return '?';
  switch (axis.name[0] | 0x20) {
    case 'z':
      return 'd';
    case 'y':
      return 'h';
    case 'x':
      return 'w';
    case 'c':
      return 'c';
    case 't':
      return 'n';
    default:
      return '?';
  }
}

std::optional<Multiscales> read_multiscales(const Json& attributes, const std::string& place) {
  const bool is_nested = attributes.contains("ome") && attributes.at("ome").is_object();
  const Json& holder = is_nested ? attributes.at("ome") : attributes;
  if (!holder.contains("multiscales")) return std::nullopt;
  ConfigErrors errors(place);
  JsonObject object(holder, is_nested ? "/ome" : "", errors);
  std::vector<JsonObject> images = object.objects("multiscales");
  errors.throw_if_any(ExitCode::kData);
  JsonObject& image = images.front();
  Multiscales read;
  read.axes = read_axes(image, errors);
  std::vector<JsonObject> datasets = image.objects("datasets");
  if (datasets.size() > kMostLevels)
    image.error("datasets", "expected at most 64 levels, found " + std::to_string(datasets.size()));
  errors.throw_if_any(ExitCode::kData);
  for (JsonObject& dataset : datasets) {
    const std::size_t rank = read.axes.size();
    OmeLevel level{dataset.string("path"), std::vector<double>(rank, 1),
                   std::vector<double>(rank, 0)};
    if (dataset.is_sound() && !is_path_inside(level.path))
      dataset.error("path", "expected a folder within this one, found " + in_quotes(level.path));
    append_all(dataset, level);
    append_all(image, level);
    read.levels.push_back(std::move(level));
  }
  JsonObject all(attributes, "", errors);
  read.geometry = read_stored_geometry(all);
  errors.throw_if_any(ExitCode::kData);
  if (images.size() > 1)
    read.warnings.push_back("multiscales: the first of " + std::to_string(images.size()) +
                            " is read");
  return read;
}

std::optional<Geometry> level_geometry(const Multiscales& image, std::size_t level,
                                       std::vector<std::string>& warnings) {
  const auto axes = space_axes(image);
  if (!axes) return std::nullopt;
  const OmeLevel &first = image.levels.front(), &wanted = image.levels[level];
  const LevelVoxels whole(image, first, *axes), part(image, wanted, *axes);
  if (image.geometry && whole.has_size(image.geometry->voxel_size))
    return moved(*image.geometry, whole, part);
  if (image.geometry)
    warnings.push_back("lucid: expected the voxel size " + voxel_size_text(whole.size) +
                       ", found " + voxel_size_text(image.geometry->voxel_size) +
                       "; the affine is left out");
  if (!whole.is_given) return std::nullopt;
  const bool has_units = std::ranges::all_of(
      *axes, [&](std::size_t axis) { return image.axes[axis].millimetres.has_value(); });
  if (!has_units) warnings.push_back("axes: some have no unit; their scale is taken as mm");
  Geometry geometry = plain_geometry(part.size);
  for (std::size_t row = 0; row < 3; ++row) geometry.affine[4 * row + 3] = part.origin[2 - row];
  return geometry;
}

}  // namespace lucid
