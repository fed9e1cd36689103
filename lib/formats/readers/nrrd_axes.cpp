#include "formats/readers/nrrd_axes.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"

namespace lucid {
namespace {

using namespace nrrd;

// A kind of axis, and the size that it must have; 0: any.
struct KindOfComponents {
  const char* name;
  std::int64_t size;
};
constexpr std::array<KindOfComponents, 30> kComponents{{{"time", 0},
                                                        {"list", 0},
                                                        {"point", 0},
                                                        {"vector", 0},
                                                        {"covariant-vector", 0},
                                                        {"normal", 0},
                                                        {"stub", 1},
                                                        {"scalar", 1},
                                                        {"complex", 2},
                                                        {"2-vector", 2},
                                                        {"3-color", 3},
                                                        {"rgb-color", 3},
                                                        {"hsv-color", 3},
                                                        {"xyz-color", 3},
                                                        {"4-color", 4},
                                                        {"rgba-color", 4},
                                                        {"3-vector", 3},
                                                        {"3-gradient", 3},
                                                        {"3-normal", 3},
                                                        {"4-vector", 4},
                                                        {"quaternion", 4},
                                                        {"2d-symmetric-matrix", 3},
                                                        {"2d-masked-symmetric-matrix", 4},
                                                        {"2d-matrix", 4},
                                                        {"2d-masked-matrix", 5},
                                                        {"3d-symmetric-matrix", 6},
                                                        {"3d-masked-symmetric-matrix", 7},
                                                        {"3d-matrix", 9},
                                                        {"3d-masked-matrix", 10},
                                                        {"2d-sym-matrix", 3}}};

enum class AxisKind { kUnknown, kSpace, kChannels };

AxisKind kind_of(const std::string& word, std::int64_t size, const std::string& place) {
  const std::string name = lower(word);
  if (name == "???" || name == "none" || name.empty()) return AxisKind::kUnknown;
  if (name == "domain" || name == "space") return AxisKind::kSpace;
  std::vector<std::string> known = {"domain", "space"};
  for (const KindOfComponents& kind : kComponents) {
    known.emplace_back(kind.name);
    if (name != kind.name) continue;
    if (kind.size != 0 && kind.size != size)
      refuse(place, "kinds: expected an axis of " + std::to_string(kind.size) + " for " +
                        in_quotes(word) + ", found one of " + std::to_string(size));
    return AxisKind::kChannels;
  }
  refuse(place, "kinds: unknown kind " + in_quotes(word) + suggestion(name, known));
}

}  // namespace

std::vector<std::vector<double>> nrrd_vectors(const std::string& text, const std::string& name,
                                              const std::string& place) {
  std::vector<std::vector<double>> vectors;
  std::string joined;  // without the spaces within a vector
  int depth = 0;
  for (const char c : text) {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (depth <= 0 || (c != ' ' && c != '\t')) joined += c;
    if (c == ')') joined += ' ';  // "(1,0,0)(0,1,0)" are two
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

NrrdDirections nrrd_directions(const NrrdFields& fields, std::size_t rank,
                               const std::string& place) {
  const auto text = optional_field(fields, "space directions");
  if (!text) return {};
  NrrdDirections directions = nrrd_vectors(*text, "space directions", place);
  if (directions.size() != rank)
    refuse(place, "space directions: expected " + std::to_string(rank) + ", found " +
                      std::to_string(directions.size()));
  const bool has_any = std::any_of(directions.begin(), directions.end(),
                                   [](const auto& each) { return !each.empty(); });
  return has_any ? directions : NrrdDirections{};
}

std::optional<std::size_t> nrrd_channel_axis(NrrdFields& fields,
                                             const std::vector<std::int64_t>& sizes,
                                             const NrrdDirections& directions,
                                             const std::string& place) {
  const std::vector<std::string> kinds = words_per_axis(fields, "kinds", sizes.size(), place);
  std::vector<std::size_t> channels;
  for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
    const AxisKind kind =
        kinds.empty() ? AxisKind::kUnknown : kind_of(kinds[axis], sizes[axis], place);
    const bool has_direction = !directions.empty() && !directions[axis].empty();
    if (kind == AxisKind::kChannels && has_direction)
      refuse(place, "space directions: expected none for the axis " + std::to_string(axis) +
                        " of kind " + in_quotes(kinds[axis]) + ", found one");
    const bool lacks_direction = !directions.empty() && !has_direction;
    if (kind == AxisKind::kChannels || lacks_direction) channels.push_back(axis);
  }
  if (channels.size() > 1)
    refuse(place, "expected at most one axis that is no axis of space, found " +
                      std::to_string(channels.size()));
  if (!channels.empty()) return channels.front();
  if (sizes.size() < 4) return std::nullopt;
  fields.warnings.emplace_back(
      "kinds: expected the axis of channels to be marked, found 4 axes of space; the last one is "
      "taken for it");
  return sizes.size() - 1;
}

}  // namespace lucid
