#include <array>

#include "base/text.h"
#include "formats/zarr/byte_codecs.h"
#include "formats/zarr/zarr_array_file.h"

namespace lucid {
namespace {

NumberCoding read_dtype(JsonObject& json) {
  const std::string dtype = json.string("dtype");
  if (const auto numbers = zarr_v2_numbers(dtype)) return *numbers;
  if (json.is_sound())
    json.error("dtype", "expected integers, floats or bool, as '<u2', found " + in_quotes(dtype));
  return {};
}

void read_compressor(JsonObject& json, ZarrCoding& coding) {
  if (!json.has("compressor")) return;
  JsonObject compressor = *json.object("compressor", true);
  const std::string id = compressor.string("id");
  if (!compressor.is_sound()) return;
  constexpr std::array<std::pair<const char*, ByteCodec>, 4> kKnown{{{"zlib", ByteCodec::kZlib},
                                                                     {"gzip", ByteCodec::kGzip},
                                                                     {"zstd", ByteCodec::kZstd},
                                                                     {"blosc", ByteCodec::kBlosc}}};
  for (const auto& [name, codec] : kKnown) {
    if (id != name) continue;
    coding.codecs.push_back(codec);
    if (const std::string lack = missing_library(codec); !lack.empty())
      json.error("compressor", lack);
    return;
  }
  compressor.error("id", "no compressor " + in_quotes(id) + "; known: zlib, gzip, zstd, blosc");
}

void refuse_filters(JsonObject& json) {
  const Json* filters = json.find("filters");
  if (filters == nullptr || filters->is_null() || (filters->is_array() && filters->empty())) return;
  std::vector<std::string> names;
  if (filters->is_array())
    for (const Json& filter : *filters)
      if (filter.is_object() && filter.contains("id") && filter.at("id").is_string())
        names.push_back(in_quotes(filter.at("id").get<std::string>()));
  json.error("filters", "expected none, found " +
                            (names.empty() ? found_text(*filters) : join(names, ", ")) +
                            "; store the array without filters");
}

}  // namespace

ZarrArrayFile read_zarr_v2(JsonObject& json) {
  ZarrArrayFile array;
  json.integer("zarr_format", {2, 2});
  array.extents = read_zarr_extents(json, "shape", 0);
  array.chunk = read_zarr_extents(json, "chunks", array.extents.size());
  array.coding.numbers = read_dtype(json);
  check_zarr_sizes(json, array);
  read_compressor(json, array.coding);
  refuse_filters(json);
  array.fill = read_zarr_fill(json, array.coding.numbers);
  static const std::vector<std::string> orders{"C", "F"}, separators{".", "/"};
  if (json.choice("order", orders, "C") == "F")
    for (std::size_t axis = array.extents.size(); axis-- > 0;) array.coding.order.push_back(axis);
  array.separator = json.choice("dimension_separator", separators, ".");
  return array;
}

}  // namespace lucid
