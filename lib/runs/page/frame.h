#pragma once
// Private to this room.

#include <string>
#include <string_view>

#include "base/json.h"

namespace lucid {

// Returns one HTML file that needs no other and no network. All that comes from users is in the
// data, which the script shows as text.
std::string html_page(std::string_view title, std::string_view script, const Json& data);

}  // namespace lucid
