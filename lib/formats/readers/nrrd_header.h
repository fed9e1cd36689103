#pragma once
// Private to this room.

#include <string>

#include "formats/headers/nrrd_fields.h"
#include "formats/readers/volume_file.h"

namespace lucid {

// Throws Error(kData) if a required field is missing or not supported. What is not used goes to the
// warnings of the volume.
VolumeHeader nrrd_volume(NrrdFields& fields, const std::string& place);

}  // namespace lucid
