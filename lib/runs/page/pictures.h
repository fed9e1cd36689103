#pragma once
// Private to this room.

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/json.h"

namespace lucid {

// The bytes of all pictures in a page, as they are on disk: in base64, with the figures of 1,000
// epochs, they leave a page below 1 MB.
inline constexpr std::size_t kMostPictureBytes = 400 << 10;

// Reads cases.json and previews/ of a run's folder, as far as they are there:
// {"cases": null or cases.json, whose pictures have their content as "data",
//  "previews": [{"epoch": 5, "case": "case_004", "data": "data:image/png;base64,.."}, ..]}.
// Pictures beyond the limit have no "data", or are left out: the newest and the first remain.
// What is damaged counts as missing.
Json run_pictures(const std::filesystem::path& folder);

}  // namespace lucid
