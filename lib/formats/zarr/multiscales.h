#pragma once
// Private to this room.

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "formats/readers/geometry.h"

namespace lucid {

// An axis of an image: its name and, in space, the millimetres of its unit.
struct OmeAxis {
  std::string name, type;
  std::optional<double> millimetres;  // none if no unit is given
};

// A level of a pyramid: where its array lies, and value = scale * index + translation of each axis.
struct OmeLevel {
  std::string path;
  std::vector<double> scale, translation;
};

// What OME-Zarr 0.4 and 0.5 say of an image and its pyramid.
struct Multiscales {
  std::vector<OmeAxis> axes;
  std::vector<OmeLevel> levels;       // the first is the largest
  std::optional<Geometry> geometry;   // of the first level, if lucid has written the image
  std::vector<std::string> warnings;  // "axes: ..": what is said and not used
};

// Returns nullopt if the attributes of a group tell of no image. `place` is the metadata file.
// Throws Error(kData).
std::optional<Multiscales> read_multiscales(const Json& attributes, const std::string& place);

// Returns lucid's letter of an axis: d, h, w, c or n (of time); '?' for others.
char axis_letter(const OmeAxis& axis);

// The geometry of a level, if its axes d, h and w have a scale: where lucid put it, or where its
// scale and translation do. Adds what is not used to the warnings.
std::optional<Geometry> level_geometry(const Multiscales& image, std::size_t level,
                                       std::vector<std::string>& warnings);

}  // namespace lucid
