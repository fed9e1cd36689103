#pragma once
// Private to this room.

#include "formats/headers/metaimage_fields.h"
#include "formats/readers/volume_file.h"

namespace lucid {

// Turns the fields into the header of a volume. The space of MetaImage is that of ITK, towards left
// and posterior (LPS); the affine is turned to right and anterior as in NIfTI. Throws Error(kData).
VolumeHeader metaimage_volume(MetaImageFields& fields, const std::string& place);

}  // namespace lucid
