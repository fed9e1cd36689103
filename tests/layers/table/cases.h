#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "tensor/shape.h"

namespace lucid::test {

// A row of THE table of layers, cases/*.json, with what PyTorch computed for it
// (tests/golden/layers/*.json).
struct Case {
  std::string name;
  Shape input;  // (C, D, H, W)
  Shape::Extent batch;
  std::vector<Json> layers;  // as in the experiment file
  std::uint64_t seed;        // keeps the row's numbers away from kinks
  Json golden;               // "output", "input_gradient", and every parameter's gradient by name
};

std::span<const Case> cases();

// The "model" object of the experiment file.
Json model_of(const Case& row);

// The same numbers as drawn() of make_layers.py: multiples of 2^-21 in [-1, 1) over the power of
// two that is at least sqrt(fan). A row's streams: 0 input, 1 output gradient, from 2 the
// parameters.
std::vector<float> drawn(std::uint64_t seed, std::uint64_t stream, std::size_t count,
                         std::size_t fan);

// What make_layers.py stores of a tensor: every k-th value of a long one.
std::vector<float> thinned(std::span<const float> values);

}  // namespace lucid::test
