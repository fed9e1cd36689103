#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lucid {

// Deals `cases` to `folds`, at most as many, and returns what each holds out, ascending: the same
// as KFold(folds, shuffle=True, random_state=seed) of scikit-learn, which nnU-Net uses.
std::vector<std::vector<std::size_t>> held_out_cases(std::size_t cases, std::size_t folds,
                                                     std::uint32_t seed);

}  // namespace lucid
