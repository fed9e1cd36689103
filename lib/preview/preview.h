#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "formats/readers/geometry.h"
#include "preview/picture.h"
#include "preview/tile.h"
#include "preview/volume_slices.h"

namespace lucid {

// What is shown. Either of the two volumes may be missing, not both.
struct PreviewSubject {
  const SlicedVolume* volume = nullptr;
  const SlicedVolume* labels = nullptr;
  std::optional<Geometry> geometry;
  std::vector<std::string> class_names;  // by number; may be fewer than there are classes
  std::string title;
};

struct PreviewStyle {
  std::int64_t slices = 3;       // along each axis
  std::int64_t tile_side = 280;  // pixels of the longest side of a slice
  std::string flipped;           // axes of d h w that run the other way than they are stored
  std::optional<Window> window;  // else percentiles of the slices shown
};

// Slices across the three axes where the labels are, side by side, at one scale, with voxels of
// their true proportions. Only the slices of the volume are read; the labels all once, box by box.
// Throws Error(kData) where volume and labels differ in size.
Picture draw_preview(const PreviewSubject& subject, const PreviewStyle& style,
                     const std::function<void(double)>& tell);

}  // namespace lucid
