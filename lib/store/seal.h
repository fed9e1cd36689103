#pragma once
// Private to this room.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

namespace lucid {

// Returns the line behind the last byte of a checkpoint, where HDF5 does not look: a CRC-32 of all
// bytes before it.
std::string seal_of(std::span<const std::byte> file);

// Compares a file with its seal. Returns nothing if they agree or if nothing follows the bytes that
// HDF5 wrote, as when another program rewrote the file; else what was expected and found.
std::optional<std::string> broken_seal(const std::filesystem::path& path);

}  // namespace lucid
