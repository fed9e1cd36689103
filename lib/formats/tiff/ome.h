#pragma once
// Private to this room.

#include "formats/tiff/page_order.h"

namespace lucid {

// Returns true for a description in OME-XML.
bool is_ome(const std::string& description);

// Reads OME-XML of a file with `pages` pages: the first image of it. Throws Error(kData)
// "place: OME-XML: ..." if planes are in other files, missing, or of another size than the pages.
PageOrder ome_order(const std::string& description, const TiffPageShape& shape, std::size_t pages,
                    const std::string& place);

}  // namespace lucid
