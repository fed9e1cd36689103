#pragma once
// Private to this room.

#include "formats/tiff/page_order.h"

namespace lucid {

// Returns true for the description of a file that ImageJ, or a program in its place, has written.
bool is_imagej(const std::string& description);

// Reads such a description of a file with `pages` pages. Where these are fewer than it says and
// more than one, they are slices, with a warning. Throws Error(kData) "place: ...".
PageOrder imagej_order(const std::string& description, const TiffPageShape& shape,
                       std::size_t pages, const std::string& place);

}  // namespace lucid
