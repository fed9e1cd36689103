#pragma once
// Private to this room.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/json.h"
#include "formats/zarr/zarr_coding.h"

namespace lucid {

// Describes an array of a store: what .zarray and .zattrs say, or zarr.json.
struct ZarrArrayFile {
  std::vector<std::int64_t> extents;
  std::vector<std::int64_t> chunk;  // of a file; at the array's end it is stored whole, too
  ZarrCoding coding;
  std::vector<std::byte> fill;          // an element as it is read, for chunks that are not there
  std::string key_prefix, separator;    // of the names of chunks: "c/" and "/" in c/0/1/2
  std::vector<std::string> axis_names;  // empty, or one for each axis
  Json attributes;

  ElementType element() const { return coding.numbers.element(); }
};

// The two formats differ in the names of their files.
enum class ZarrFormat { kNone, kV2, kV3 };

// Returns the format of an array or a group; kNone for another folder.
ZarrFormat zarr_format_of(const std::filesystem::path& folder);
bool is_zarr_array(const std::filesystem::path& folder);

// Return the content of a metadata file. Throw Error(kData) with "FILE: /pointer: ..".
Json read_zarr_json(const std::filesystem::path& file);
// Returns the attributes of an array or a group; an empty object if there are none.
Json read_zarr_attributes(const std::filesystem::path& folder);

// Throws Error(kData) that names the codec, the filter or the type that is not known.
ZarrArrayFile read_zarr_array(const std::filesystem::path& folder);

// Reads the parts in which the formats differ.
ZarrArrayFile read_zarr_v2(JsonObject& json);
ZarrArrayFile read_zarr_v3(JsonObject& json);

// Reads a list of extents of at least 1, as many as `rank` unless that is 0; adds an error
// otherwise.
std::vector<std::int64_t> read_zarr_extents(JsonObject& json, std::string_view key,
                                            std::size_t rank);
// Adds an error if the array or a chunk is larger than any that is read.
void check_zarr_sizes(JsonObject& json, const ZarrArrayFile& array);
// Returns the element of a fill value; adds an error if it is none of that type.
std::vector<std::byte> read_zarr_fill(JsonObject& json, const NumberCoding& numbers);

}  // namespace lucid
