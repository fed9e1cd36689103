#pragma once
// Private to this room.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>

#include "base/json.h"
#include "data/hdf5/file.h"

namespace lucid {

// The checksums of a checkpoint: a CRC-32 of every dataset (its shape and values) and of every
// attribute. Their text is the attribute "digest" of the file.
class Digest {
 public:
  void add_array(const std::string& path, const Shape& shape, std::span<const float> values);
  void add_attribute(const std::string& object, const std::string& name, const std::string& text);
  void add_attribute(const std::string& object, const std::string& name, std::int64_t value);
  void add_attribute(const std::string& object, const std::string& name, double value);

  // A JSON object behind a line with the checksum of its text.
  std::string text() const;

 private:
  Json sums_ = Json::object();
};

// Compares a file with the text of its digest. Returns nothing if they agree, else "PLACE: what was
// expected, what was found". A file may hold more than its digest lists.
std::optional<std::string> difference(const hdf5::File& file, const std::string& digest);

}  // namespace lucid
