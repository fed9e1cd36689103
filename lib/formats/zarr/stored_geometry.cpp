#include "formats/zarr/stored_geometry.h"

#include <algorithm>

namespace lucid {
namespace {

constexpr std::int64_t kMostCode = 32767;

std::optional<Affine> affine_in(const Json& rows) {
  if (!rows.is_array() || rows.size() != 4) return std::nullopt;
  Affine affine{};
  for (std::size_t i = 0; i < affine.size(); ++i) {
    const Json& row = rows[i / 4];
    if (!row.is_array() || row.size() != 4 || !row[i % 4].is_number()) return std::nullopt;
    affine[i] = row[i % 4].get<double>();
  }
  return is_singular(affine) ? std::nullopt : std::optional(affine);
}

std::optional<Affine> read_affine(JsonObject& json, std::string_view key) {
  const Json* rows = json.find(key);
  if (rows == nullptr) return std::nullopt;
  const std::optional<Affine> affine = affine_in(*rows);
  if (!affine) json.expected(key, "4 rows of 4 numbers whose directions span space", *rows);
  return affine;
}

}  // namespace

std::optional<Geometry> read_stored_geometry(JsonObject& attributes) {
  const Json* found = attributes.find("lucid");
  if (found == nullptr || !found->is_object() || !found->contains("affine")) return std::nullopt;
  JsonObject json(*found, attributes.pointer() + "/lucid", attributes.errors());
  const std::vector<double> size = json.numbers("voxel_size_mm", {.low = 0, .above_low = true});
  if (json.is_sound() && size.size() != 3) {
    json.expected("voxel_size_mm", "3 numbers", found->value("voxel_size_mm", Json()));
    return std::nullopt;
  }
  Geometry geometry;
  geometry.affine = read_affine(json, "affine").value_or(Affine{});
  geometry.qform = read_affine(json, "qform");
  geometry.sform_code = static_cast<int>(json.integer("sform_code", {0, kMostCode}, 0));
  geometry.qform_code = static_cast<int>(json.integer("qform_code", {0, kMostCode}, 0));
  if (!json.is_sound()) return std::nullopt;
  std::ranges::copy(size, geometry.voxel_size.begin());
  return geometry;
}

}  // namespace lucid
