#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "data/array/elements.h"

namespace lucid {

// Receives the index of the first element and provides as many as `out` holds: whole planes of the
// last two axes, in ascending order.
using FillElements = std::function<void(std::int64_t begin, std::span<std::byte> out)>;

// Fills an array piece by piece and hands each to `use`. A piece has as many planes as most chunks
// of HDF5 are deep, so that none is decoded twice, and at most some 100 MB.
void fill_pieces(ElementType type, const std::vector<std::int64_t>& extents,
                 const FillElements& fill,
                 const std::function<void(std::span<const std::byte>)>& use);

}  // namespace lucid
