#pragma once
// Private to this room.

#include <optional>
#include <string>

#include "formats/readers/geometry.h"
#include "formats/readers/nrrd_axes.h"

namespace lucid {

// Reads space directions, origin, spacings, axis mins and maxs of a volume, in their units, with
// directions turned to RAS. nullopt if the header has none of them. Throws Error(kData) if they are
// invalid.
std::optional<Geometry> read_nrrd_geometry(NrrdFields& fields,
                                           const std::vector<std::int64_t>& sizes,
                                           const NrrdDirections& directions,
                                           std::optional<std::size_t> channel_axis,
                                           const std::string& place);

}  // namespace lucid
