#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/array/elements.h"
#include "tensor/shape.h"

namespace lucid {

// Axes are named by a letter each, in stored order: n samples, c channels, d h w space.

// Reads z, y, x as d, h, w.
std::string plain_axes(std::string_view letters);

// Returns "expected .., found .." unless the letters are the axes of a volume, else an empty text.
std::string axes_error(std::string_view letters);

// Returns an empty text if a volume of this rank can be stored in more than one order.
std::string default_axes(std::size_t rank);

// Returns the axes of a target of this rank, stored next to a volume of these (plain) axes: "" for
// a scalar, "n", "c", "nc", or the order of the volume with or without c. "?" if no target has the
// rank.
std::string target_axes(std::string_view volume_axes, const Shape& target);

// Returns the extent along one axis; 1 if the axis is not stored.
std::int64_t axis_extent(std::string_view axes, const Shape& stored, char axis);

// Views sample `index` of an array of this shape as (c, d, h, w).
VoxelView sample_view(std::string_view axes, const Shape& stored, std::int64_t index);

}  // namespace lucid
