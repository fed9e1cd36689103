#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "formats/readers/volume_file.h"

namespace lucid {

// The fields of a NRRD header by their names in lower case, "data file" and "datafile" as one.
using NrrdFields = std::map<std::string, std::string>;

// One line into the fields; a comment or a key of the user's own is passed over. Throws
// Error(kData).
void read_nrrd_line(const std::string& line, NrrdFields& fields, const std::string& place);

// Throws Error(kData) where a field is missing or unknown in kind.
VolumeHeader nrrd_volume(const NrrdFields& fields, const std::string& place);

// A field that is a number of at least `least`; 0 where it is not there.
std::int64_t nrrd_number(const NrrdFields& fields, const std::string& name, std::int64_t least,
                         const std::string& place);

}  // namespace lucid
