#include "formats/readers/nrrd_header.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <sstream>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

[[noreturn]] void fail(const std::string& place, const std::string& message) {
  throw Error(ExitCode::kData, place + ": " + message);
}

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t"), end = text.find_last_not_of(" \t\r");
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

const std::string& field(const NrrdFields& fields, const std::string& name,
                         const std::string& place) {
  const auto found = fields.find(name);
  if (found == fields.end()) fail(place, "expected the field '" + name + "', found none");
  return found->second;
}

std::optional<std::string> optional_field(const NrrdFields& fields, const std::string& name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

template <class T>
std::optional<T> number_of(const std::string& word) {
  T value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

struct Named {
  const char* names;  // each between bars
  ElementType element;
};
constexpr std::array<Named, 10> kTypes{{
    {"|signed char|int8|int8_t|", ElementType::kInt8},
    {"|uchar|unsigned char|uint8|uint8_t|", ElementType::kUint8},
    {"|short|short int|signed short|signed short int|int16|int16_t|", ElementType::kInt16},
    {"|ushort|unsigned short|unsigned short int|uint16|uint16_t|", ElementType::kUint16},
    {"|int|signed int|int32|int32_t|", ElementType::kInt32},
    {"|uint|unsigned int|uint32|uint32_t|", ElementType::kUint32},
    {"|longlong|long long|long long int|signed long long|signed long long int|int64|int64_t|",
     ElementType::kInt64},
    {"|ulonglong|unsigned long long|unsigned long long int|uint64|uint64_t|", ElementType::kUint64},
    {"|float|", ElementType::kFloat32},
    {"|double|", ElementType::kFloat64},
}};

NumberCoding coding_of(const NrrdFields& fields, const std::string& place) {
  const std::string name = lower(field(fields, "type", place));
  NumberCoding coding;
  const auto type = std::find_if(kTypes.begin(), kTypes.end(), [&](const Named& named) {
    return std::string_view(named.names).find("|" + name + "|") != std::string_view::npos;
  });
  if (type == kTypes.end())
    fail(place, "type: expected integers or floats, found " + in_quotes(name));
  coding.stored = type->element;
  if (element_bytes(coding.stored) == 1) return coding;
  const std::string order = lower(field(fields, "endian", place));
  if (order != "little" && order != "big")
    fail(place, "endian: expected 'little' or 'big', found " + in_quotes(order));
  coding.is_swapped = (order == "little") != (std::endian::native == std::endian::little);
  return coding;
}

std::vector<std::int64_t> sizes_of(const NrrdFields& fields, const std::string& place) {
  const std::string text = field(fields, "sizes", place);
  std::vector<std::int64_t> sizes;
  for (const std::string& word : words_of(text))
    sizes.push_back(number_of<std::int64_t>(word).value_or(0));
  const std::int64_t rank = nrrd_number(fields, "dimension", 1, place);
  if (static_cast<std::int64_t>(sizes.size()) != rank ||
      *std::min_element(sizes.begin(), sizes.end()) < 1)
    fail(place, "sizes: expected " + std::to_string(rank) + " positive integers, found " +
                    in_quotes(text));
  if (rank < 2 || rank > 4)
    fail(place, "dimension: expected 2 to 4, found " + std::to_string(rank));
  return sizes;
}

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
      fail(place, name + ": expected vectors as (1,0,0), found " + in_quotes(text));
    for (const std::string& part : split(word.substr(1, word.size() - 2), ','))
      vectors.back().push_back(number_of<double>(part).value_or(NAN));
    if (vectors.back().size() != 3 || !std::isfinite(vectors.back()[0]) ||
        !std::isfinite(vectors.back()[1]) || !std::isfinite(vectors.back()[2]))
      fail(place, name + ": expected vectors of 3 numbers, found " + in_quotes(text));
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
    fail(place,
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
      fail(place, "space directions: expected vectors longer than 0, found (0,0,0)");
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

void read_nrrd_line(const std::string& line, NrrdFields& fields, const std::string& place) {
  if (line.starts_with("#") || line.find(":=") != std::string::npos) return;
  const auto colon = line.find(':');
  if (colon == std::string::npos)
    fail(place, "expected 'field: value' in the header, found " + in_quotes(trimmed(line)));
  std::string name = lower(trimmed(line.substr(0, colon)));
  for (const auto& [other, usual] :
       {std::pair{"datafile", "data file"}, {"byteskip", "byte skip"}, {"lineskip", "line skip"}})
    if (name == other) name = usual;
  if (!fields.emplace(name, trimmed(line.substr(colon + 1))).second)
    fail(place, "the field '" + name + "' stands twice");
}

std::int64_t nrrd_number(const NrrdFields& fields, const std::string& name, std::int64_t least,
                         const std::string& place) {
  const auto text = optional_field(fields, name);
  if (!text) return 0;
  const auto value = number_of<std::int64_t>(*text);
  if (!value || *value < least)
    fail(place, name + ": expected an integer of at least " + std::to_string(least) + ", found " +
                    in_quotes(*text));
  return *value;
}

VolumeHeader nrrd_volume(const NrrdFields& fields, const std::string& place) {
  VolumeHeader header;
  header.coding = coding_of(fields, place);
  const std::vector<std::int64_t> sizes = sizes_of(fields, place);
  const std::size_t rank = sizes.size();
  std::vector<std::vector<double>> directions;
  if (const auto text = optional_field(fields, "space directions"))
    directions = vectors_of(*text, "space directions", place);
  if (!directions.empty() && directions.size() != rank)
    fail(place, "space directions: expected " + std::to_string(rank) + ", found " +
                    std::to_string(directions.size()));
  const auto channel = channel_axis(fields, rank, directions);
  header.geometry = geometry_of(fields, rank, channel, directions, place);
  std::string space = "whd";
  for (std::size_t axis = 0; axis < rank; ++axis) {
    header.extents.insert(header.extents.begin(), sizes[axis]);
    const bool is_channel = channel == axis;
    header.axes.insert(0, 1, is_channel ? 'c' : space[0]);
    if (!is_channel) space.erase(0, 1);
  }
  if (rank == 2) {  // a 2-D image: one slice
    header.extents.insert(header.extents.begin(), 1);
    header.axes = "dhw";
  }
  return header;
}

}  // namespace lucid
