#pragma once

#include <cstdint>
#include <string_view>

namespace lucid {

// Returns the CRC-32C (Castagnoli) of the bytes.
std::uint32_t crc32c(std::string_view bytes);

// The form in which records hold it, so that the CRC of data with CRCs in them means something.
std::uint32_t masked_crc32c(std::string_view bytes);

}  // namespace lucid
