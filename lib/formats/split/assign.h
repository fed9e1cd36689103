#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lucid {

// Which set each unit goes to; units of one class as evenly as their number allows.
// Where the fractions leave something, those units get the number behind the last set.
std::vector<std::size_t> deal(const std::vector<std::int64_t>& classes,
                              const std::vector<double>& fractions, std::uint64_t seed);

}  // namespace lucid
