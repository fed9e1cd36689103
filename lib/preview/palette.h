#pragma once
// Private to this room.

#include <cstdint>

#include "preview/picture.h"

namespace lucid {

// Returns the colour of a class, from 1 on. The first seven are those of Okabe and Ito, which
// colour-blind readers can tell apart; later ones step around the hue circle.
Colour class_colour(std::int64_t label);

}  // namespace lucid
