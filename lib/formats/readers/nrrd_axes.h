#pragma once
// Private to this room.

#include <optional>
#include <string>
#include <vector>

#include "formats/headers/nrrd_fields.h"

namespace lucid {

// The directions of a NRRD's axes, the fastest first; one that is empty has no direction in space.
// The list is empty if the header has none.
using NrrdDirections = std::vector<std::vector<double>>;
NrrdDirections nrrd_directions(const NrrdFields& fields, std::size_t rank,
                               const std::string& place);

// Parses "(1,0,0) none (0,1,0)"; "none" gives an empty vector. Throws Error(kData).
std::vector<std::vector<double>> nrrd_vectors(const std::string& text, const std::string& name,
                                              const std::string& place);

// Returns the axis, counted from the fastest, whose elements are components (a colour, a vector, a
// time) and no voxels beside each other: the one without a direction, or whose kind says so. Throws
// Error(kData) if the fields contradict each other.
std::optional<std::size_t> nrrd_channel_axis(NrrdFields& fields,
                                             const std::vector<std::int64_t>& sizes,
                                             const NrrdDirections& directions,
                                             const std::string& place);

}  // namespace lucid
