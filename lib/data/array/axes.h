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

// z y x are read as d h w.
std::string plain_axes(std::string_view letters);

// Empty, or "expected .., found .." where the letters are not those of a volume.
std::string axes_error(std::string_view letters);

// Empty where a volume of the rank could be stored in more ways than one.
std::string default_axes(std::size_t rank);

// How a target of the rank is stored beside a volume of these (plain) axes: "" a scalar, "n", "c",
// "nc", or the volume's order without c, or with it. "?" where no target has the rank.
std::string target_axes(std::string_view volume_axes, const Shape& target);

// One of the extents; 1 where the axis is not stored.
std::int64_t axis_extent(std::string_view axes, const Shape& stored, char axis);

// The view of sample `index` as (c, d, h, w) in an array of that shape.
VoxelView sample_view(std::string_view axes, const Shape& stored, std::int64_t index);

}  // namespace lucid
