#pragma once
// Private to this room.

#include <vector>

#include "preview/picture.h"

namespace lucid {

// One slice to be drawn, rows from the top.
struct Slice {
  std::int64_t rows = 0, columns = 0;
  std::vector<float> values;         // empty: black
  std::vector<std::int64_t> labels;  // empty: none
};

struct IntensityWindow {
  float low = 0, high = 1;
};

// Returns the range of the percentiles 0.5 to 99.5 of finite values.
IntensityWindow window_of(std::vector<float> values);

// Draws the slice at another size: values as grey levels, interpolated or averaged; labels above 0
// as half-transparent colours with an outline of a pixel or two.
Picture draw_slice(const Slice& slice, const IntensityWindow& window, std::int64_t width,
                   std::int64_t height);

}  // namespace lucid
