#pragma once
// Private to this room.

#include <optional>

#include "base/json.h"
#include "formats/readers/geometry.h"

namespace lucid {

// Returns the geometry in the attribute "lucid" of an image that lucid has written, that of its
// first level; nullopt if there is none. Adds errors.
std::optional<Geometry> read_stored_geometry(JsonObject& attributes);

}  // namespace lucid
