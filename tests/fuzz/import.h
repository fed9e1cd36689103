#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace lucid::fuzz {

// Imports a volume, and once more as its own label, into a file in memory.
void import_path(const std::filesystem::path& path);
// Writes a file of that name and content before.
void import_file(const std::string& name, const std::uint8_t* data, std::size_t size);

}  // namespace lucid::fuzz
