#include "data/array/axes.h"

#include <algorithm>

#include "base/text.h"

namespace lucid {

std::string plain_axes(std::string_view letters) {
  std::string plain(letters);
  std::replace(plain.begin(), plain.end(), 'z', 'd');
  std::replace(plain.begin(), plain.end(), 'y', 'h');
  std::replace(plain.begin(), plain.end(), 'x', 'w');
  return plain;
}

std::string axes_error(std::string_view letters) {
  const std::string plain = plain_axes(letters);
  const auto count = [&](char letter) { return std::count(plain.begin(), plain.end(), letter); };
  const bool is_complete = count('d') == 1 && count('h') == 1 && count('w') == 1;
  const bool is_known = plain.find_first_not_of("ncdhw") == std::string::npos;
  if (is_complete && is_known && count('n') <= 1 && count('c') <= 1) return {};
  return "expected d, h and w (or z, y and x), and n and c where the dataset has them, each once, "
         "found " +
         in_quotes(letters);
}

std::string default_axes(std::size_t rank) {
  if (rank == 5) return "ncdhw";
  return rank == 3 ? "dhw" : "";
}

std::string target_axes(std::string_view volume_axes, const Shape& target) {
  const std::size_t rank = target.rank();
  const bool has_samples = volume_axes.find('n') != std::string_view::npos;
  std::string labels(volume_axes);  // without c
  std::erase(labels, 'c');
  std::string values(volume_axes);  // with it
  if (values == labels) values.insert(values.find('n') == 0 ? 1 : 0, "c");
  if (rank == labels.size()) return labels;
  if (rank == values.size()) return values;
  if (has_samples) return rank == 1 ? "n" : rank == 2 ? "nc" : "?";
  if (rank == 0 || target == Shape{1}) return rank == 0 ? "" : "n";
  return rank == 1 ? "c" : rank == 2 ? "nc" : "?";
}

std::int64_t axis_extent(std::string_view axes, const Shape& stored, char axis) {
  const auto at = axes.find(axis);
  return at == std::string_view::npos ? 1 : stored[at];
}

VoxelView sample_view(std::string_view axes, const Shape& stored, std::int64_t index) {
  static constexpr std::string_view kOrder = "cdhw";
  VoxelView view;
  std::int64_t stride = 1;
  for (std::size_t axis = axes.size(); axis-- > 0; stride *= stored[axis]) {
    if (axes[axis] == 'n') {
      view.offset = index * stride;
      continue;
    }
    view.extents[kOrder.find(axes[axis])] = stored[axis];
    view.strides[kOrder.find(axes[axis])] = stride;
  }
  return view;
}

}  // namespace lucid
