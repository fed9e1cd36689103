#pragma once
// Private to this room.

#include <string>
#include <string_view>
#include <vector>

namespace lucid {

// Returns the texts of a field of Siemens' CSA header, version 2; none if there is no such field or
// the header is damaged.
std::vector<std::string> csa_values(std::string_view header, std::string_view name);

}  // namespace lucid
