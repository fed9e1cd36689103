#pragma once
// Private to this room.

#include <optional>
#include <string>

#include "formats/readers/geometry.h"
#include "formats/readers/nrrd_fields.h"

namespace lucid {

struct NrrdSpace {
  // Counted from the fastest axis; nullopt if there are no channels.
  std::optional<std::size_t> channel_axis;
  std::optional<Geometry> geometry;
};

// Reads space directions, origin and spacings of a volume of `rank` axes, with directions turned to
// RAS. Throws Error(kData) if they are invalid.
NrrdSpace read_nrrd_space(const NrrdFields& fields, std::size_t rank, const std::string& place);

}  // namespace lucid
