#pragma once
// Private to this room.

#include <cstdint>
#include <map>
#include <string>

#include "formats/readers/volume_file.h"

namespace lucid {

// The fields of a NRRD header by lower-case name; "datafile" is stored as "data file".
using NrrdFields = std::map<std::string, std::string>;

// Adds one line to the fields; comments and custom keys are skipped. Throws Error(kData).
void read_nrrd_line(const std::string& line, NrrdFields& fields, const std::string& place);

// Throws Error(kData) if a required field is missing or not supported.
VolumeHeader nrrd_volume(const NrrdFields& fields, const std::string& place);

// Reads an integer field of at least `least`; 0 if it is missing.
std::int64_t nrrd_number(const NrrdFields& fields, const std::string& name, std::int64_t least,
                         const std::string& place);

}  // namespace lucid
