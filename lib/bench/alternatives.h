#pragma once

#include <string>
#include <vector>

#include "bench/layer_bench.h"

namespace lucid {

// What a layer's weight gradient takes on one route, with the reorders and the padding it asks for.
struct AlternativeFigures {
  std::string implementation;
  double seconds;
};

// A layer's weight gradient by the route that its plan chose, and by each that it did not.
struct AlternativesFigures {
  std::string layer;
  AlternativeFigures chosen;
  std::vector<AlternativeFigures> others;  // without those that fall back to one that is there
};

// Of every convolution of the training plan, in the order of the way back.
std::vector<AlternativesFigures> measure_alternatives(const std::filesystem::path& config,
                                                      Engine& engine, BenchOptions options,
                                                      const Machine& machine);

std::string alternatives_table(std::span<const AlternativesFigures> figures);
Json alternatives_json(std::span<const AlternativesFigures> figures);

}  // namespace lucid
