#pragma once
// Private to this room.

#include <filesystem>
#include <string>
#include <vector>

#include "formats/readers/byte_stream.h"

namespace lucid {

// Returns the names of the files in a zip archive, in the order of its directory. Throws
// Error(kData).
std::vector<std::string> zip_members(const std::filesystem::path& path);

// Opens one of them, inflated; its checksum is verified at the end.
std::unique_ptr<ByteStream> open_zip_member(const std::filesystem::path& path,
                                            const std::string& name);

}  // namespace lucid
