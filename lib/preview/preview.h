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

// The content of a preview. Either volume may be missing, but not both.
struct PreviewSubject {
  const SlicedVolume* volume = nullptr;
  const SlicedVolume* labels = nullptr;
  std::optional<Geometry> geometry;
  std::vector<std::string> class_names;  // by class; may be shorter than the number of classes
  std::string title;
};

struct PreviewStyle {
  std::int64_t slices = 3;                // along each axis
  std::int64_t tile_side = 280;           // longest side of a slice in pixels
  std::string flipped;                    // letters of d h w whose direction is reversed
  std::optional<IntensityWindow> window;  // default: percentiles of the slices shown
};

// Draws slices across the three axes at the position of the labels, side by side, at one scale and
// with the true proportions of voxels. Reads only these slices of the volume, but all labels once,
// box by box. Throws Error(kData) if volume and labels differ in size.
Picture draw_preview(const PreviewSubject& subject, const PreviewStyle& style,
                     const std::function<void(double)>& tell);

}  // namespace lucid
