#include "formats/zarr/zarr_array_file.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/file.h"
#include "base/text.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostJsonBytes = std::uint64_t{16} << 20;
constexpr std::size_t kMostAxes = 16;
// Blosc and most readers know chunks of less than 2 GiB only.
constexpr std::int64_t kMostChunkBytes = (std::int64_t{1} << 31) - 1;
constexpr std::int64_t kMostElements = std::int64_t{1} << 48;

// Returns the product, or a number beyond `most`.
std::int64_t bounded_product(const std::vector<std::int64_t>& extents, std::int64_t most) {
  std::int64_t product = 1;
  for (const std::int64_t extent : extents) {
    if (extent > most / product) return most + 1;
    product *= extent;
  }
  return product;
}

std::string extents_text(const std::vector<std::int64_t>& extents) {
  std::vector<std::string> words;
  for (const std::int64_t extent : extents) words.push_back(std::to_string(extent));
  return join(words, "x");
}

template <class T>
std::vector<std::byte> bytes_of_element(T value) {
  std::vector<std::byte> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

// Zarr writes what JSON has no number for as text: NaN, Infinity, or the bits of the element in
// hexadecimal digits.
std::optional<std::vector<std::byte>> fill_from_text(const std::string& text,
                                                     const NumberCoding& numbers) {
  const ElementType element = numbers.element();
  if (text.starts_with("0x")) {
    std::uint64_t bits = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + 2, end, bits, 16);
    const std::size_t bytes = element_bytes(numbers.stored);
    if (read.ec != std::errc() || read.ptr != end || text.size() != 2 + 2 * bytes)
      return std::nullopt;
    std::vector<std::byte> stored = bytes_of_element(bits);  // the low bytes come first
    stored.resize(bytes);
    if (!numbers.is_half) return stored;
    std::vector<std::byte> wide(element_bytes(element));
    decode_numbers({.stored = numbers.stored, .is_half = true}, stored, wide);
    return wide;
  }
  const bool is_negative = text.starts_with('-');
  const std::string size = text.substr(is_negative ? 1 : 0);
  if (is_integer(element) || (size != "NaN" && size != "Infinity")) return std::nullopt;
  const double limit = size == "NaN" ? std::numeric_limits<double>::quiet_NaN()
                                     : std::numeric_limits<double>::infinity();
  const double value = is_negative ? -limit : limit;
  if (element == ElementType::kFloat64) return bytes_of_element(value);
  return bytes_of_element(static_cast<float>(value));
}

template <class T>
std::optional<std::vector<std::byte>> fill_from_number(const Json& value) {
  if constexpr (std::is_floating_point_v<T>) {
    return bytes_of_element(static_cast<T>(value.get<double>()));
  } else {
    if (value.is_number_float()) {
      const auto number = value.get<double>();
      constexpr double kExact = 0x1p53;
      if (!(std::abs(number) <= kExact) || number != std::floor(number)) return std::nullopt;
      return fill_from_number<T>(Json(static_cast<std::int64_t>(number)));
    }
    const bool fits = value.is_number_unsigned() ? std::in_range<T>(value.get<std::uint64_t>())
                                                 : std::in_range<T>(value.get<std::int64_t>());
    if (!fits) return std::nullopt;
    return bytes_of_element(value.is_number_unsigned() ? static_cast<T>(value.get<std::uint64_t>())
                                                       : static_cast<T>(value.get<std::int64_t>()));
  }
}

}  // namespace

ZarrFormat zarr_format_of(const fs::path& folder) {
  if (kind_of(folder / "zarr.json") == FileKind::kFile) return ZarrFormat::kV3;
  for (const char* name : {".zarray", ".zgroup", ".zattrs"})
    if (kind_of(folder / name) == FileKind::kFile) return ZarrFormat::kV2;
  return ZarrFormat::kNone;
}

bool is_zarr_array(const fs::path& folder) {
  if (kind_of(folder / "zarr.json") == FileKind::kMissing)
    return kind_of(folder / ".zarray") == FileKind::kFile;
  const Json json = read_zarr_json(folder / "zarr.json");
  return json.is_object() && json.contains("node_type") && json.at("node_type") == "array";
}

Json read_zarr_json(const fs::path& file) {
  check_is_file(file, "zarr metadata", ExitCode::kData);
  if (fs::file_size(file) > kMostJsonBytes)
    fail(file.string(), "expected at most 16 MiB of JSON, found " +
                            bytes_text(static_cast<std::size_t>(fs::file_size(file))));
  try {
    return parse_json(read_file(file, "zarr metadata", ExitCode::kData), file.string());
  } catch (const Error& error) {
    throw Error(ExitCode::kData, error);
  }
}

Json read_zarr_attributes(const fs::path& folder) {
  Json attributes = Json::object();
  if (zarr_format_of(folder) == ZarrFormat::kV3) {
    const Json json = read_zarr_json(folder / "zarr.json");
    if (json.is_object() && json.contains("attributes")) attributes = json.at("attributes");
  } else if (kind_of(folder / ".zattrs") == FileKind::kFile) {
    attributes = read_zarr_json(folder / ".zattrs");
  }
  return attributes.is_object() ? attributes : Json::object();
}

std::vector<std::int64_t> read_zarr_extents(JsonObject& json, std::string_view key,
                                            std::size_t rank) {
  const std::string what =
      rank == 0 ? "a list of 1 to " + std::to_string(kMostAxes) + " integers of at least 1"
                : std::to_string(rank) + " integers of at least 1, one for each axis";
  const Json* list = json.find(key);
  std::vector<std::int64_t> extents;
  const bool has_size = list != nullptr && list->is_array() && !list->empty() &&
                        list->size() <= kMostAxes && (rank == 0 || list->size() == rank);
  if (has_size)
    for (const Json& extent : *list)
      if (extent.is_number_integer() && extent > 0 && extent <= kMostElements)
        extents.push_back(extent.get<std::int64_t>());
  if (!has_size || extents.size() != list->size()) {
    json.expected(key, what, list == nullptr ? Json() : *list);
    return std::vector<std::int64_t>(std::max<std::size_t>(rank, 1), 1);
  }
  return extents;
}

std::vector<std::byte> read_zarr_fill(JsonObject& json, const NumberCoding& numbers) {
  const ElementType element = numbers.element();
  std::vector<std::byte> zero(element_bytes(element));
  const Json* value = json.find("fill_value");
  if (value == nullptr || value->is_null()) return zero;
  std::optional<std::vector<std::byte>> fill;
  if (value->is_string())
    fill = fill_from_text(value->get<std::string>(), numbers);
  else if (value->is_boolean() && element_bytes(element) == 1)
    fill = bytes_of_element(static_cast<std::uint8_t>(value->get<bool>() ? 1 : 0));
  else if (value->is_number())
    fill = with_element(element, [&](auto e) { return fill_from_number<decltype(e)>(*value); });
  if (fill) return *fill;
  json.expected("fill_value", "a value of " + element_name(element), *value);
  return zero;
}

void check_zarr_sizes(JsonObject& json, const ZarrArrayFile& array) {
  const auto element = static_cast<std::int64_t>(element_bytes(array.element()));
  if (bounded_product(array.extents, kMostElements) > kMostElements)
    json.error("shape", "expected at most " + with_thousands(kMostElements) + " elements, found " +
                            extents_text(array.extents));
  if (bounded_product(array.chunk, kMostChunkBytes) > kMostChunkBytes / element)
    json.error("", "expected chunks of less than 2 GiB, found " + extents_text(array.chunk) +
                       " of " + element_name(array.element()));
}

ZarrArrayFile read_zarr_array(const fs::path& folder) {
  const bool is_v3 = zarr_format_of(folder) == ZarrFormat::kV3;
  const fs::path file = folder / (is_v3 ? "zarr.json" : ".zarray");
  const Json json = read_zarr_json(file);
  ConfigErrors errors(file.string());
  JsonObject object(json, "", errors);
  ZarrArrayFile array = is_v3 ? read_zarr_v3(object) : read_zarr_v2(object);
  errors.throw_if_any(ExitCode::kData);
  array.attributes = read_zarr_attributes(folder);
  return array;
}

}  // namespace lucid
