#include "preview/tile.h"

#include <algorithm>
#include <cmath>

#include "preview/palette.h"

namespace lucid {
namespace {

constexpr double kFill = 0.45, kOutline = 0.95;

// The weights of voxels in a pixel along an axis: those that it covers, or, if it covers less than
// one, the two around its centre.
struct Weights {
  std::int64_t first = 0;
  std::vector<double> shares;
};

std::vector<Weights> weights_of(std::int64_t from, std::int64_t to) {
  std::vector<Weights> all(static_cast<std::size_t>(to));
  const double step = static_cast<double>(from) / static_cast<double>(to);
  for (std::int64_t i = 0; i < to; ++i) {
    Weights& weights = all[static_cast<std::size_t>(i)];
    const double middle = (static_cast<double>(i) + 0.5) * step - 0.5;
    const double reach =
        std::max(1.0, step);  // a triangle as wide as the pixel, but at least a voxel
    const auto first = static_cast<std::int64_t>(std::ceil(middle - reach));
    const auto last = static_cast<std::int64_t>(std::floor(middle + reach));
    weights.first = std::max<std::int64_t>(0, first);
    double sum = 0;
    for (std::int64_t at = weights.first; at <= std::min(last, from - 1); ++at) {
      weights.shares.push_back(
          std::max(1e-9, 1 - std::abs(static_cast<double>(at) - middle) / reach));
      sum += weights.shares.back();
    }
    for (double& share : weights.shares) share /= sum;
  }
  return all;
}

std::uint8_t grey_of(double value, const IntensityWindow& window) {
  const double share = (value - window.low) / std::max(1e-30, double(window.high) - window.low);
  return static_cast<std::uint8_t>(std::lround(255 * std::clamp(share, 0.0, 1.0)));
}

Picture draw_values(const Slice& slice, const IntensityWindow& window, std::int64_t width,
                    std::int64_t height) {
  Picture picture(width, height, {});
  if (slice.values.empty()) return picture;
  const std::vector<Weights> down = weights_of(slice.rows, height);
  const std::vector<Weights> right = weights_of(slice.columns, width);
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x) {
      const Weights &rows = down[static_cast<std::size_t>(y)],
                    &columns = right[static_cast<std::size_t>(x)];
      double sum = 0;
      for (std::size_t r = 0; r < rows.shares.size(); ++r)
        for (std::size_t c = 0; c < columns.shares.size(); ++c) {
          const auto row = rows.first + static_cast<std::int64_t>(r);
          const auto column = columns.first + static_cast<std::int64_t>(c);
          const float value = slice.values[static_cast<std::size_t>(row * slice.columns + column)];
          if (std::isfinite(value))
            sum += rows.shares[r] * columns.shares[c] *
                   std::clamp(static_cast<double>(value), static_cast<double>(window.low),
                              static_cast<double>(window.high));
          else
            sum += rows.shares[r] * columns.shares[c] * window.low;
        }
      const std::uint8_t grey = grey_of(sum, window);
      picture.set(x, y, {grey, grey, grey});
    }
  return picture;
}

void draw_labels(const Slice& slice, Picture& picture) {
  const std::int64_t width = picture.width(), height = picture.height();
  const auto label_at = [&](std::int64_t x, std::int64_t y) {
    const std::int64_t row = std::clamp<std::int64_t>(y, 0, height - 1) * slice.rows / height;
    const std::int64_t column = std::clamp<std::int64_t>(x, 0, width - 1) * slice.columns / width;
    return slice.labels[static_cast<std::size_t>(row * slice.columns + column)];
  };
  // Outlines are one pixel wide at one pixel per voxel, else a quarter of a voxel.
  const std::int64_t reach = std::max<std::int64_t>(1, width / (4 * slice.columns));
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x) {
      const std::int64_t label = label_at(x, y);
      if (label <= 0) continue;
      bool is_edge = false;
      for (const auto& [dx, dy] : {std::pair{-reach, std::int64_t{0}},
                                   {reach, std::int64_t{0}},
                                   {std::int64_t{0}, -reach},
                                   {std::int64_t{0}, reach}})
        is_edge = is_edge || label_at(x + dx, y + dy) != label;
      picture.set(x, y, mixed(picture.at(x, y), class_colour(label), is_edge ? kOutline : kFill));
    }
}

}  // namespace

IntensityWindow window_of(std::vector<float> values) {
  std::erase_if(values, [](float value) { return !std::isfinite(value); });
  if (values.empty()) return {};
  const auto at = [&](double share) {
    const auto place = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + place, values.end());
    return values[static_cast<std::size_t>(place)];
  };
  const float low = at(0.005), high = at(0.995);
  if (low < high) return {low, high};
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return *least < *most ? IntensityWindow{*least, *most} : IntensityWindow{*least - 1, *least + 1};
}

Picture draw_slice(const Slice& slice, const IntensityWindow& window, std::int64_t width,
                   std::int64_t height) {
  Picture picture = draw_values(slice, window, width, height);
  if (!slice.labels.empty()) draw_labels(slice, picture);
  return picture;
}

}  // namespace lucid
