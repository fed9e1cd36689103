#include "formats/readers/nrrd_header.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>

#include "base/text.h"
#include "formats/readers/nrrd_geometry.h"

namespace lucid {
namespace {

using namespace nrrd;

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
  if (type == kTypes.end() || name.find('|') != std::string::npos)
    refuse(place, "type: expected integers or floats, found " + in_quotes(name));
  coding.stored = type->element;
  if (element_bytes(coding.stored) == 1) return coding;
  const std::string order = lower(field(fields, "endian", place));
  if (order != "little" && order != "big")
    refuse(place, "endian: expected 'little' or 'big', found " + in_quotes(order));
  coding.is_swapped = (order == "little") != (std::endian::native == std::endian::little);
  return coding;
}

std::vector<std::int64_t> sizes_of(const NrrdFields& fields, const std::string& place) {
  field(fields, "dimension", place);
  const std::int64_t rank = *nrrd_number(fields, "dimension", 1, place);
  const std::string text = field(fields, "sizes", place);
  const auto sizes = extents_of(text, rank);
  if (!sizes)
    refuse(place, "sizes: expected " + std::to_string(rank) + " positive integers, found " +
                      in_quotes(text));
  if (rank < 2 || rank > 4)
    refuse(place, "dimension: expected 2 to 4, found " + std::to_string(rank));
  return *sizes;
}

// Warns of fields that say how stored values were made; other programs leave them out, too.
void warn_of_meaning(NrrdFields& fields, std::optional<std::size_t> channel_axis,
                     const std::string& place) {
  for (const char* name : {"old min", "old max"})
    if (const auto text = optional_field(fields, name)) {
      if (!number_of<double>(lower(*text)))
        refuse(place, std::string(name) + ": expected a number, found " + in_quotes(*text));
      fields.warnings.push_back(std::string(name) + ": values were quantized and stay as stored; " +
                                "unu unquantize restores them");
      break;
    }
  if (channel_axis && optional_field(fields, "measurement frame"))
    fields.warnings.emplace_back(
        "measurement frame: is left out; components stay in the frame they were measured in");
}

}  // namespace

VolumeHeader nrrd_volume(NrrdFields& fields, const std::string& place) {
  VolumeHeader header;
  header.coding = coding_of(fields, place);
  const std::vector<std::int64_t> sizes = sizes_of(fields, place);
  const NrrdDirections directions = nrrd_directions(fields, sizes.size(), place);
  const auto channel_axis = nrrd_channel_axis(fields, sizes, directions, place);
  header.geometry = read_nrrd_geometry(fields, sizes, directions, channel_axis, place);
  std::string space = "whd";
  for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
    const bool is_channel = channel_axis == axis;
    header.extents.insert(header.extents.begin(), sizes[axis]);
    header.axes.insert(0, 1, is_channel ? 'c' : space[0]);
    if (!is_channel) space.erase(0, 1);
  }
  for (const char axis : space) {  // a picture is one slice
    const std::size_t outer = header.axes.starts_with('c') ? 1 : 0;
    header.axes.insert(outer, 1, axis);
    header.extents.insert(header.extents.begin() + static_cast<std::ptrdiff_t>(outer), 1);
  }
  warn_of_meaning(fields, channel_axis, place);
  header.warnings = fields.warnings;
  return header;
}

}  // namespace lucid
