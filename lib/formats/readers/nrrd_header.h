#pragma once
// Private to this room.

#include <string>

#include "formats/readers/nrrd_fields.h"
#include "formats/readers/volume_file.h"

namespace lucid {

// Throws Error(kData) if a required field is missing or not supported.
VolumeHeader nrrd_volume(const NrrdFields& fields, const std::string& place);

}  // namespace lucid
