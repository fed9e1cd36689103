#pragma once
// Private to this room.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/readers/geometry.h"

namespace lucid {

// The first page of a file, as its tags describe it.
struct TiffPageShape {
  std::int64_t width = 0, height = 0, samples = 1;
  double x_resolution = 0, y_resolution = 0;  // pixels in a unit; 0 if the page does not say
};

// What the pages of a file are to each other, and what is known of their voxels.
struct PageOrder {
  std::vector<std::int64_t> extents;  // of the axes that count pages, the slowest first
  std::string axes;                   // their letters; empty if the file does not say
  std::vector<std::size_t> pages;     // the page at each position; empty: in the file's order
  std::optional<Geometry> geometry;
  std::vector<std::string> warnings;

  std::int64_t count() const;  // of pages
};

// The extents that metadata name.
struct StackExtents {
  std::int64_t slices = 1, channels = 1, frames = 1;
};

// Orders pages such that frames are the slowest axis, n, and of slices and channels first what
// changes more slowly in the file. `dimensions` are the letters of the three, the fastest first, as
// "CZT"; `page_of` has the page of each plane in that order, and is empty if they are the same.
PageOrder ordered(const StackExtents& stack, const std::string& dimensions,
                  const std::vector<std::size_t>& page_of);

// Voxels of these sizes in `unit` along d, h and w. Returns nullopt, with a warning unless the unit
// is that of pixels, if it is not known or a size is not a positive number.
std::optional<Geometry> geometry_of_pages(const std::array<double, 3>& size,
                                          const std::string& unit, const std::string& source,
                                          std::vector<std::string>& warnings);

}  // namespace lucid
