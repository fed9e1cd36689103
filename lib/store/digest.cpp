#include "store/digest.h"

#include <libdeflate.h>

#include <cstdio>

#include "base/text.h"

namespace lucid {
namespace {

// The keys of the object; each holds checksums by object, and by attribute unless it is "array".
const std::string kArray = "array", kText = "text", kInteger = "integer", kNumber = "number";

std::uint32_t sum_of(std::span<const std::byte> bytes, std::uint32_t before = 0) {
  return libdeflate_crc32(before, bytes.data(), bytes.size());
}

std::uint32_t sum_of(const std::string& text) {
  return sum_of(std::as_bytes(std::span(text.data(), text.size())));
}

std::string hex_text(std::uint32_t sum) {
  char text[9];
  std::snprintf(text, sizeof text, "%08x", static_cast<unsigned>(sum));
  return text;
}

std::string text_sum(const std::string& text) { return hex_text(sum_of(text)); }

template <class T>
std::string value_sum(const T& value) {
  return hex_text(sum_of(std::as_bytes(std::span(&value, 1))));
}

std::string array_sum(const Shape& shape, std::span<const float> values) {
  return hex_text(sum_of(std::as_bytes(values), sum_of("float32 " + shape.str())));
}

// These return nothing if the file has no such array or attribute.
std::optional<std::string> array_in_file(const hdf5::File& file, const std::string& path) {
  if (!file.has_dataset(path)) return std::nullopt;
  const hdf5::Array array = file.open(path);
  return array_sum(array.shape(), array.read<float>());
}

std::optional<std::string> attribute_in_file(const hdf5::File& file, const std::string& kind,
                                             const std::string& object, const std::string& name) {
  const auto sum = [](const auto& value, const auto& of) {
    return value ? std::optional(of(*value)) : std::nullopt;
  };
  if (kind == kText) return sum(file.attribute<std::string>(object, name), text_sum);
  if (kind == kInteger)
    return sum(file.attribute<std::int64_t>(object, name), value_sum<std::int64_t>);
  return sum(file.attribute<double>(object, name), value_sum<double>);
}

std::optional<std::string> compared(const std::string& place, const Json& wanted,
                                    const std::optional<std::string>& found) {
  if (!found) return place + ": expected what its checksum is of, found none";
  if (wanted == *found) return std::nullopt;
  return place + ": expected values of the checksum " + wanted.get<std::string>() +
         ", found those of " + *found;
}

std::optional<std::string> difference(const hdf5::File& file, const Json& sums) {
  for (const auto& [kind, objects] : sums.items())
    for (const auto& [object, of_object] : objects.items()) {
      if (kind == kArray) {
        if (auto text = compared("/" + object, of_object, array_in_file(file, object))) return text;
        continue;
      }
      for (const auto& [name, sum] : of_object.items()) {
        const std::string place = object + ": attribute " + in_quotes(name);
        if (auto text = compared(place, sum, attribute_in_file(file, kind, object, name)))
          return text;
      }
    }
  return std::nullopt;
}

}  // namespace

void Digest::add_array(const std::string& path, const Shape& shape, std::span<const float> values) {
  sums_[kArray][path] = array_sum(shape, values);
}

void Digest::add_attribute(const std::string& object, const std::string& name,
                           const std::string& text) {
  sums_[kText][object][name] = text_sum(text);
}

void Digest::add_attribute(const std::string& object, const std::string& name, std::int64_t value) {
  sums_[kInteger][object][name] = value_sum(value);
}

void Digest::add_attribute(const std::string& object, const std::string& name, double value) {
  sums_[kNumber][object][name] = value_sum(value);
}

std::string Digest::text() const {
  const std::string sums = json_text(sums_);
  return text_sum(sums) + "\n" + sums;
}

std::optional<std::string> difference(const hdf5::File& file, const std::string& digest) {
  const std::size_t end = digest.find('\n');
  if (end == std::string::npos || text_sum(digest.substr(end + 1)) != digest.substr(0, end))
    return "/: attribute 'digest': expected checksums behind their own, found others";
  return difference(file, parse_json(digest.substr(end + 1), "digest"));
}

}  // namespace lucid
