#include "graph/valid_sizes.h"

#include <algorithm>
#include <array>
#include <optional>

#include "graph/graph.h"

namespace lucid {
namespace {

constexpr std::int64_t kFarthest = 512;       // the distance from the given size
constexpr std::int64_t kMostSteps = 1 << 18;  // sizes tried on each side, times layers

bool fits(std::int64_t channels, const Triple& size, std::span<const LayerPlace> layers) {
  std::vector<Shape> shapes;
  const Shape input{channels, size[0], size[1], size[2]};
  try {
    for (const LayerPlace& place : layers) {
      std::vector<Shape> inputs;
      for (const int from : place.inputs)
        inputs.push_back(from == Node::kNetworkInput ? input
                                                     : shapes[static_cast<std::size_t>(from)]);
      if (!place.layer->errors(inputs).empty()) return false;
      shapes.push_back(place.layer->output_shape(inputs));
    }
  } catch (const Error&) {  // the size does not fit
    return false;
  }
  return true;
}

// The axes are independent of each other, so each is tried together with two that fit.
std::optional<Triple> any_valid_size(std::int64_t channels, std::span<const LayerPlace> layers) {
  constexpr std::int64_t kSmall = 96, kStep = 32, kLargest = 1024;
  for (std::int64_t size = 1; size <= kLargest; size += size < kSmall ? 1 : kStep)
    if (fits(channels, {size, size, size}, layers)) return Triple{size, size, size};
  return std::nullopt;
}

// Returns "32 or 48", the nearest on both sides; empty if the size itself fits, or none does.
std::string nearest(std::size_t axis, std::int64_t channels, std::int64_t size, Triple others,
                    std::span<const LayerPlace> layers) {
  const auto is_valid = [&](std::int64_t candidate) {
    others[axis] = candidate;
    return fits(channels, others, layers);
  };
  if (is_valid(size)) return "";
  const std::int64_t farthest =
      std::clamp<std::int64_t>(kMostSteps / std::ssize(layers), 1, kFarthest);
  const std::int64_t least = std::max<std::int64_t>(1, size - farthest);
  std::int64_t below = size - 1, above = size + 1;
  while (below >= least && !is_valid(below)) --below;
  while (above <= size + farthest && !is_valid(above)) ++above;
  std::string text = below >= least ? std::to_string(below) : "";
  if (above <= size + farthest) text += (text.empty() ? "" : " or ") + std::to_string(above);
  return text;
}

}  // namespace

std::string nearest_valid_sizes(const Shape& input, std::span<const LayerPlace> layers) {
  const auto others = any_valid_size(input[0], layers);
  if (!others) return "";
  constexpr std::array<char, 3> kAxes = {'d', 'h', 'w'};
  std::string text;
  for (std::size_t axis = 0; axis < kAxes.size(); ++axis) {
    const std::string sizes = nearest(axis, input[0], input[axis + 1], *others, layers);
    if (!sizes.empty()) text += (text.empty() ? "" : ", ") + (kAxes[axis] + (" " + sizes));
  }
  return text.empty() ? "" : "; nearest sizes that fit: " + text;
}

}  // namespace lucid
