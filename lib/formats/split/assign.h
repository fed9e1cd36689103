#pragma once
// Private to this room.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lucid {

// Returns the index of the set for each unit; units of a class are divided as evenly as possible.
// If the fractions do not sum to 1, the remaining units get the index after the last set.
std::vector<std::size_t> assign_to_sets(const std::vector<std::int64_t>& classes,
                                        const std::vector<double>& fractions, std::uint64_t seed);

}  // namespace lucid
