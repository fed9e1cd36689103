#include "graph/fitting_sizes.h"

#include <array>
#include <optional>

#include "graph/graph.h"

namespace lucid {
namespace {

constexpr std::int64_t kFarthest = 512;  // from the given size

bool fits(std::int64_t channels, const Triple& size, std::span<const SizedLayer> layers) {
  std::vector<Shape> shapes;
  const Shape input{channels, size[0], size[1], size[2]};
  try {
    for (const SizedLayer& sized : layers) {
      std::vector<Shape> inputs;
      for (const int from : sized.inputs)
        inputs.push_back(from == Node::kNetworkInput ? input
                                                     : shapes[static_cast<std::size_t>(from)]);
      if (!sized.layer->errors(inputs).empty()) return false;
      shapes.push_back(sized.layer->output_shape(inputs));
    }
  } catch (const Error&) {  // that is the question
    return false;
  }
  return true;
}

// Axes are independent of each other, so each is tried beside two that fit.
std::optional<Triple> any_fitting(std::int64_t channels, std::span<const SizedLayer> layers) {
  constexpr std::int64_t kSmall = 96, kStep = 32, kLargest = 1024;
  for (std::int64_t size = 1; size <= kLargest; size += size < kSmall ? 1 : kStep)
    if (fits(channels, {size, size, size}, layers)) return Triple{size, size, size};
  return std::nullopt;
}

// "32 or 48", the nearest on both sides; empty when the size itself fits or none does.
std::string nearest(std::size_t axis, std::int64_t channels, std::int64_t size, Triple others,
                    std::span<const SizedLayer> layers) {
  const auto is_good = [&](std::int64_t candidate) {
    others[axis] = candidate;
    return fits(channels, others, layers);
  };
  if (is_good(size)) return "";
  std::int64_t below = size - 1, above = size + 1;
  while (below > 0 && !is_good(below)) --below;
  while (above <= size + kFarthest && !is_good(above)) ++above;
  std::string text = below > 0 ? std::to_string(below) : "";
  if (above <= size + kFarthest) text += (text.empty() ? "" : " or ") + std::to_string(above);
  return text;
}

}  // namespace

std::string fitting_sizes(const Shape& input, std::span<const SizedLayer> layers) {
  const auto others = any_fitting(input[0], layers);
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
