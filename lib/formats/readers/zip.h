#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "formats/readers/byte_stream.h"

namespace lucid {

// Names of the files in a zip archive, as they stand in its directory. Throws Error(kData).
std::vector<std::string> zip_members(const std::filesystem::path& path);

// One of them, inflated, its checksum compared at the end.
std::unique_ptr<ByteStream> open_zip_member(const std::filesystem::path& path,
                                            const std::string& name);

}  // namespace lucid
