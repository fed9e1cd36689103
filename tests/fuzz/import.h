#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace lucid::fuzz {

// Imports a file of that name and content, and once more as its own label, into a file in memory.
void import_file(const std::string& name, const std::uint8_t* data, std::size_t size);

}  // namespace lucid::fuzz
