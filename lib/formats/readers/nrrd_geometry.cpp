#include "formats/readers/nrrd_geometry.h"

#include <array>
#include <cmath>

#include "base/text.h"

namespace lucid {
namespace {

using namespace nrrd;

// Parses "(1,0,0) none (0,1,0)"; "none" gives an empty vector.
std::vector<std::vector<double>> vectors_of(const std::string& text, const std::string& name,
                                            const std::string& place) {
  std::vector<std::vector<double>> vectors;
  std::string joined;  // without the spaces within a vector
  int depth = 0;
  for (const char c : text) {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (depth == 0 || (c != ' ' && c != '\t')) joined += c;
  }
  for (const std::string& word : words_of(joined)) {
    vectors.emplace_back();
    if (lower(word) == "none") continue;
    if (word.size() < 2 || word.front() != '(' || word.back() != ')')
      refuse(place, name + ": expected vectors as (1,0,0), found " + in_quotes(text));
    for (const std::string& part : split(word.substr(1, word.size() - 2), ','))
      vectors.back().push_back(number_of<double>(part).value_or(NAN));
    if (vectors.back().size() != 3 || !std::isfinite(vectors.back()[0]) ||
        !std::isfinite(vectors.back()[1]) || !std::isfinite(vectors.back()[2]))
      refuse(place, name + ": expected vectors of 3 numbers, found " + in_quotes(text));
  }
  return vectors;
}

// Returns the signs that map the space to RAS; 1 for a space without a patient.
std::array<double, 3> signs_of(const std::string& space) {
  const std::string name = lower(space);
  if (name == "left-posterior-superior" || name == "lps") return {-1, -1, 1};
  if (name == "left-anterior-superior" || name == "las") return {-1, 1, 1};
  return {1, 1, 1};
}

// Returns the axis of channels, counted from the fastest: the one without a direction or whose kind
// is not spatial. Three axes have none.
std::optional<std::size_t> channel_axis(const NrrdFields& fields, std::size_t rank,
                                        const std::vector<std::vector<double>>& directions) {
  if (rank < 4) return std::nullopt;
  for (std::size_t axis = 0; axis < directions.size(); ++axis)
    if (directions[axis].empty()) return axis;
  const std::vector<std::string> kinds =
      words_of(lower(optional_field(fields, "kinds").value_or("")));
  for (std::size_t axis = 0; axis < kinds.size() && axis < rank; ++axis)
    if (kinds[axis] != "domain" && kinds[axis] != "space" && kinds[axis] != "???") return axis;
  return rank - 1;
}

std::vector<double> spacings_of(const NrrdFields& fields, std::size_t rank,
                                const std::string& place) {
  const std::string text = optional_field(fields, "spacings").value_or("");
  std::vector<double> spacings;
  for (const std::string& word : words_of(text)) {
    const double side = std::abs(number_of<double>(word).value_or(NAN));
    spacings.push_back(std::isfinite(side) && side > 0 ? side : 1);
  }
  if (!text.empty() && spacings.size() != rank)
    refuse(place,
           "spacings: expected " + std::to_string(rank) + " numbers, found " + in_quotes(text));
  return spacings;
}

std::optional<Geometry> geometry_of(const NrrdFields& fields, std::size_t rank,
                                    std::optional<std::size_t> channel,
                                    std::vector<std::vector<double>> directions,
                                    const std::string& place) {
  std::vector<double> spacings = spacings_of(fields, rank, place);
  if (directions.empty() && spacings.empty()) return std::nullopt;
  if (channel && !spacings.empty())
    spacings.erase(spacings.begin() + static_cast<std::ptrdiff_t>(*channel));
  if (directions.empty()) {
    spacings.resize(3, 1);
    return plain_geometry({spacings[2], spacings[1], spacings[0]});
  }
  if (channel) directions.erase(directions.begin() + static_cast<std::ptrdiff_t>(*channel));
  if (directions.size() != 3) return std::nullopt;  // a plane in space
  const std::array<double, 3> signs = signs_of(optional_field(fields, "space").value_or(""));
  const auto origins =
      vectors_of(optional_field(fields, "space origin").value_or("(0,0,0)"), "space origin", place);
  Geometry geometry;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::vector<double>& way = directions[axis];
    if (way.empty()) return std::nullopt;
    geometry.voxel_size[2 - axis] = std::hypot(way[0], way[1], way[2]);
    if (!(geometry.voxel_size[2 - axis] > 0))
      refuse(place, "space directions: expected vectors longer than 0, found (0,0,0)");
    for (std::size_t side = 0; side < 3; ++side)
      geometry.affine[4 * side + axis] = signs[side] * way[side];
  }
  for (std::size_t side = 0; side < 3; ++side)
    geometry.affine[4 * side + 3] =
        origins.empty() || origins[0].empty() ? 0 : signs[side] * origins[0][side];
  geometry.sform_code = 1;
  return geometry;
}

}  // namespace

NrrdSpace read_nrrd_space(const NrrdFields& fields, std::size_t rank, const std::string& place) {
  std::vector<std::vector<double>> directions;
  if (const auto text = optional_field(fields, "space directions"))
    directions = vectors_of(*text, "space directions", place);
  if (!directions.empty() && directions.size() != rank)
    refuse(place, "space directions: expected " + std::to_string(rank) + ", found " +
                      std::to_string(directions.size()));
  const auto channel = channel_axis(fields, rank, directions);
  return {channel, geometry_of(fields, rank, channel, directions, place)};
}

}  // namespace lucid
