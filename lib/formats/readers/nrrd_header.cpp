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
  if (type == kTypes.end())
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
  const std::string text = field(fields, "sizes", place);
  std::vector<std::int64_t> sizes;
  for (const std::string& word : words_of(text))
    sizes.push_back(number_of<std::int64_t>(word).value_or(0));
  const std::int64_t rank = nrrd_number(fields, "dimension", 1, place);
  if (static_cast<std::int64_t>(sizes.size()) != rank ||
      *std::min_element(sizes.begin(), sizes.end()) < 1)
    refuse(place, "sizes: expected " + std::to_string(rank) + " positive integers, found " +
                      in_quotes(text));
  if (rank < 2 || rank > 4)
    refuse(place, "dimension: expected 2 to 4, found " + std::to_string(rank));
  return sizes;
}

}  // namespace

VolumeHeader nrrd_volume(const NrrdFields& fields, const std::string& place) {
  VolumeHeader header;
  header.coding = coding_of(fields, place);
  const std::vector<std::int64_t> sizes = sizes_of(fields, place);
  const std::size_t rank = sizes.size();
  const NrrdSpace placed = read_nrrd_space(fields, rank, place);
  header.geometry = placed.geometry;
  std::string space = "whd";
  for (std::size_t axis = 0; axis < rank; ++axis) {
    header.extents.insert(header.extents.begin(), sizes[axis]);
    const bool is_channel = placed.channel_axis == axis;
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
