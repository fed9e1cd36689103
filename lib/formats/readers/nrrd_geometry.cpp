#include "formats/readers/nrrd_geometry.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "formats/headers/units.h"

namespace lucid {
namespace {

using namespace nrrd;
using Triples = std::array<double, 3>;

// A space, and the signs that map it to RAS.
struct Space {
  const char *name, *abbreviation;
  Triples signs;
  bool is_of_patient;
};
constexpr std::array<Space, 6> kSpaces{{{"right-anterior-superior", "ras", {1, 1, 1}, true},
                                        {"left-anterior-superior", "las", {-1, 1, 1}, true},
                                        {"left-posterior-superior", "lps", {-1, -1, 1}, true},
                                        {"scanner-xyz", "scanner-xyz", {1, 1, 1}, false},
                                        {"3d-right-handed", "3d-right-handed", {1, 1, 1}, false},
                                        {"3d-left-handed", "3d-left-handed", {1, 1, 1}, false}}};

Space space_of(const NrrdFields& fields, const std::string& place) {
  constexpr Space kUnnamed{"", "", {1, 1, 1}, false};
  const auto dimension = nrrd_number(fields, "space dimension", 1, place);
  const auto text = optional_field(fields, "space");
  if (text && dimension) refuse(place, "expected either 'space' or 'space dimension', found both");
  if (dimension && *dimension != 3)
    refuse(place, "space dimension: expected 3, found " + std::to_string(*dimension));
  if (!text) return kUnnamed;
  std::vector<std::string> names;
  for (const Space& space : kSpaces) {
    if (lower(*text) == space.name || lower(*text) == space.abbreviation) return space;
    names.emplace_back(space.name);
  }
  refuse(place, "space: expected one of three axes without time, found " + in_quotes(*text) +
                    suggestion(lower(*text), names));
}

double millimetres(const std::string& unit, const std::string& name, const std::string& place) {
  const std::optional<double> scale = millimetres_of(unit);
  if (!scale)
    refuse(place,
           name + ": unknown unit " + in_quotes(unit) + "; known: " + join(length_units(), ", "));
  return *scale;
}

// Returns the millimetres of each spatial axis' unit, the fastest first.
std::vector<double> axis_units(const NrrdFields& fields, std::size_t rank,
                               std::optional<std::size_t> channel, const std::string& place) {
  const std::vector<std::string> units = words_per_axis(fields, "units", rank, place);
  std::vector<double> scales;
  for (std::size_t axis = 0; axis < rank; ++axis)
    if (axis != channel)
      scales.push_back(units.empty() ? 1 : millimetres(units[axis], "units", place));
  return scales;
}

// Returns the millimetres of the unit of x, y and z. Without space units, the axes' unit counts.
Triples space_units(const NrrdFields& fields, const std::vector<double>& of_axes,
                    const std::string& place) {
  const auto text = optional_field(fields, "space units");
  if (!text) {
    if (!std::equal(of_axes.begin() + 1, of_axes.end(), of_axes.begin()))
      refuse(place, "expected 'space units' beside axes of different units, found none");
    return {of_axes[0], of_axes[0], of_axes[0]};
  }
  const std::vector<std::string> words = quoted_words_of(*text);
  if (words.size() != 3) refuse(place, "space units: expected 3, found " + in_quotes(*text));
  Triples scales;
  for (std::size_t side = 0; side < 3; ++side)
    scales[side] = millimetres(words[side], "space units", place);
  return scales;
}

// Returns the numbers of a field for the spatial axes; NaN stands for unknown.
std::vector<double> spatial_numbers(const NrrdFields& fields, const std::string& name,
                                    std::size_t rank, std::optional<std::size_t> channel,
                                    const std::string& place) {
  std::vector<double> numbers;
  const std::vector<std::string> words = words_per_axis(fields, name, rank, place);
  for (std::size_t axis = 0; axis < words.size(); ++axis) {
    const auto number = number_of<double>(lower(words[axis]));
    if (!number || std::isinf(*number))
      refuse(place, name + ": expected numbers, found " + in_quotes(words[axis]));
    if (axis != channel) numbers.push_back(*number);
  }
  return numbers;
}

// Returns the spacing of the spatial axes: as given, or from the positions of the first and the
// last voxel, whose borders (cell) or centres (node) those are. None if the header has neither.
std::vector<double> spacings_of(const NrrdFields& fields, const std::vector<std::int64_t>& sizes,
                                std::optional<std::size_t> channel, const std::string& place) {
  const std::size_t rank = sizes.size();
  std::vector<double> spacings = spatial_numbers(fields, "spacings", rank, channel, place);
  if (!spacings.empty()) return spacings;
  const auto low = spatial_numbers(fields, "axis mins", rank, channel, place);
  const auto high = spatial_numbers(fields, "axis maxs", rank, channel, place);
  if (low.empty() || high.empty()) return {};
  const std::vector<std::string> centers = words_per_axis(fields, "centers", rank, place);
  for (std::size_t axis = 0; axis < rank; ++axis) {
    if (axis == channel) continue;
    const std::size_t at = spacings.size();
    const bool is_node = !centers.empty() && lower(centers[axis]) == "node" && sizes[axis] > 1;
    spacings.push_back((high[at] - low[at]) / static_cast<double>(sizes[axis] - (is_node ? 1 : 0)));
  }
  return spacings;
}

std::optional<Geometry> spaced_geometry(NrrdFields& fields, std::vector<double> spacings,
                                        const std::vector<double>& units,
                                        const std::string& place) {
  if (std::all_of(spacings.begin(), spacings.end(), [](double x) { return std::isnan(x); }))
    return std::nullopt;
  Triples size{1, 1, 1};
  for (std::size_t axis = 0; axis < spacings.size(); ++axis) {
    if (spacings[axis] == 0) refuse(place, "spacings: expected numbers other than 0, found 0");
    if (std::isnan(spacings[axis]) || spacings[axis] < 0)
      fields.warnings.push_back("spacings: expected sizes above 0, found " +
                                number_text(spacings[axis]) + "; its absolute value counts, or 1");
    const double side = std::abs(spacings[axis]) * units[axis];
    size[2 - axis] = std::isnan(side) ? 1 : side;
  }
  return plain_geometry(size);
}

std::vector<double> origin_of(const NrrdFields& fields, const std::string& place) {
  const std::string text = optional_field(fields, "space origin").value_or("(0,0,0)");
  const auto origins = nrrd_vectors(text, "space origin", place);
  if (origins.size() != 1)
    refuse(place, "space origin: expected one vector, found " + in_quotes(text));
  return origins[0].empty() ? std::vector<double>(3, 0) : origins[0];
}

}  // namespace

std::optional<Geometry> read_nrrd_geometry(NrrdFields& fields,
                                           const std::vector<std::int64_t>& sizes,
                                           const NrrdDirections& directions,
                                           std::optional<std::size_t> channel_axis,
                                           const std::string& place) {
  const std::vector<double> spacings = spacings_of(fields, sizes, channel_axis, place);
  const Space space = space_of(fields, place);
  if (directions.empty() && spacings.empty()) return std::nullopt;
  const std::vector<double> units = axis_units(fields, sizes.size(), channel_axis, place);
  if (directions.empty()) return spaced_geometry(fields, spacings, units, place);
  if (units.size() != 3) {
    fields.warnings.emplace_back("space directions: found a plane; its place is left out");
    return std::nullopt;
  }
  const Triples scales = space_units(fields, units, place);
  const std::vector<double> origin = origin_of(fields, place);
  Geometry geometry;
  std::size_t column = 0;
  for (std::size_t axis = 0; axis < directions.size(); ++axis) {
    if (axis == channel_axis) continue;
    for (std::size_t side = 0; side < 3; ++side)
      geometry.affine[4 * side + column] =
          space.signs[side] * scales[side] * directions[axis][side];
    ++column;
  }
  for (std::size_t side = 0; side < 3; ++side)
    geometry.affine[4 * side + 3] = space.signs[side] * scales[side] * origin[side];
  if (is_singular(geometry.affine))
    refuse(place, "space directions: expected vectors that span space, found " +
                      in_quotes(*optional_field(fields, "space directions")));
  geometry.voxel_size = voxel_size_of(geometry.affine);
  geometry.sform_code = space.is_of_patient ? 1 : 0;
  return geometry;
}

}  // namespace lucid
