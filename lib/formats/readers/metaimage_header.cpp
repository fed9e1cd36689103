#include "formats/readers/metaimage_header.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/text.h"
#include "formats/headers/words.h"

namespace lucid {
namespace {

struct NamedType {
  const char* name;
  ElementType element;
};
// MET_LONG has 4 bytes on every machine; what has 8 is MET_LONG_LONG.
constexpr std::array<NamedType, 12> kMetTypes{{{"MET_CHAR", ElementType::kInt8},
                                               {"MET_UCHAR", ElementType::kUint8},
                                               {"MET_SHORT", ElementType::kInt16},
                                               {"MET_USHORT", ElementType::kUint16},
                                               {"MET_INT", ElementType::kInt32},
                                               {"MET_UINT", ElementType::kUint32},
                                               {"MET_LONG", ElementType::kInt32},
                                               {"MET_ULONG", ElementType::kUint32},
                                               {"MET_LONG_LONG", ElementType::kInt64},
                                               {"MET_ULONG_LONG", ElementType::kUint64},
                                               {"MET_FLOAT", ElementType::kFloat32},
                                               {"MET_DOUBLE", ElementType::kFloat64}}};

NumberCoding coding_of(const MetaImageReader& fields) {
  const std::string& name = fields.text("ElementType");
  std::vector<std::string> names;
  NumberCoding coding;
  for (const NamedType& type : kMetTypes) {
    names.emplace_back(type.name);
    if (name != type.name) continue;
    coding.stored = type.element;
    const bool is_big = fields.truth({"BinaryDataByteOrderMSB", "ElementByteOrderMSB"}, "False");
    coding.is_swapped =
        is_big != (std::endian::native == std::endian::big) && element_bytes(coding.stored) > 1;
    return coding;
  }
  fields.refuse("ElementType: expected integers or floats, found " + in_quotes(name) +
                suggestion(name, names));
}

// Returns DimSize, the fastest axis first.
std::vector<std::int64_t> sizes_of(const MetaImageReader& fields) {
  fields.text("NDims");
  const std::int64_t rank = fields.integer("NDims", 1, 3);
  if (rank < 2 || rank > 4) fields.refuse("NDims: expected 2 to 4, found " + std::to_string(rank));
  const std::string& text = fields.text("DimSize");
  const auto sizes = extents_of(text, rank);
  if (!sizes)
    fields.refuse("DimSize: expected " + std::to_string(rank) + " positive integers, found " +
                  in_quotes(text));
  return *sizes;
}

// Returns the position of the voxels: row i of TransformMatrix is the direction of axis i. A header
// without matrix and offset says nothing of the patient, one of a plane nothing of space.
std::optional<Geometry> geometry_of(const MetaImageReader& fields, std::size_t rank) {
  const std::vector<std::string> matrix_names = {"TransformMatrix", "Orientation", "Rotation"};
  std::vector<double> spacing = fields.numbers({"ElementSpacing", "ElementSize"}, rank);
  std::vector<double> matrix = fields.numbers(matrix_names, rank * rank);
  std::vector<double> offset = fields.numbers({"Offset", "Position", "Origin"}, rank);
  const bool is_placed = !matrix.empty() || !offset.empty();
  if (spacing.empty() && !is_placed) return std::nullopt;
  spacing.resize(std::max<std::size_t>(rank, 3), 1);
  if (*std::min_element(spacing.begin(), spacing.end()) <= 0)
    fields.refuse("ElementSpacing: expected numbers above 0, found " +
                  in_quotes(*fields.find({"ElementSpacing", "ElementSize"})));
  Geometry geometry = plain_geometry({spacing[2], spacing[1], spacing[0]});
  if (!is_placed || rank < 3) return geometry;
  if (offset.empty()) offset.resize(rank);
  const bool has_matrix = !matrix.empty();
  constexpr std::array<double, 3> kSigns{-1, -1, 1};  // from LPS to RAS
  for (std::size_t side = 0; side < 3; ++side) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double direction = has_matrix ? matrix[axis * rank + side] : axis == side ? 1 : 0;
      geometry.affine[4 * side + axis] = kSigns[side] * direction * spacing[axis];
    }
    geometry.affine[4 * side + 3] = kSigns[side] * offset[side];
  }
  if (is_singular(geometry.affine))
    fields.refuse("TransformMatrix: expected vectors that span space, found " +
                  in_quotes(has_matrix ? *fields.find(matrix_names) : ""));
  geometry.voxel_size = voxel_size_of(geometry.affine);
  geometry.sform_code = 1;
  return geometry;
}

// Axes, the slowest first: a fourth dimension, or the components of an element, are channels.
void set_axes(VolumeHeader& header, const std::vector<std::int64_t>& sizes, std::int64_t components,
              const MetaImageReader& fields) {
  if (components > 1 && sizes.size() > 3)
    fields.refuse("ElementNumberOfChannels: expected 1 beside 4 dimensions, found " +
                  std::to_string(components));
  header.extents.assign(sizes.rbegin(), sizes.rend());
  if (sizes.size() == 2) header.extents.insert(header.extents.begin(), 1);  // one slice
  header.axes = sizes.size() == 4 ? "cdhw" : "dhw";
  if (components == 1) return;
  header.extents.push_back(components);
  header.axes += 'c';
}

}  // namespace

VolumeHeader metaimage_volume(MetaImageFields& fields, const std::string& place) {
  const MetaImageReader reader(fields, place);
  if (const std::string* type = reader.find({"ObjectType"}); type != nullptr && *type != "Image")
    reader.refuse("ObjectType: expected Image, found " + in_quotes(*type));
  if (!reader.truth({"BinaryData"}, "True"))
    reader.refuse("BinaryData: expected True, found False; elements as text are not read");
  VolumeHeader header;
  header.coding = coding_of(reader);
  const std::vector<std::int64_t> sizes = sizes_of(reader);
  set_axes(header, sizes, reader.integer("ElementNumberOfChannels", 1, 1), reader);
  header.geometry = geometry_of(reader, sizes.size());
  const auto slope = reader.numbers({"ElementToIntensityFunctionSlope"}, 1);
  const auto offset = reader.numbers({"ElementToIntensityFunctionOffset"}, 1);
  const bool is_scaled = (!slope.empty() && slope[0] != 1) || (!offset.empty() && offset[0] != 0);
  if (is_scaled)
    fields.warnings.emplace_back(
        "ElementToIntensityFunctionSlope: is left out, as ITK does; values stay as stored");
  header.warnings = fields.warnings;
  return header;
}

}  // namespace lucid
