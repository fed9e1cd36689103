#pragma once

#include <cstdint>

#include "preview/picture.h"

namespace lucid {

// The colour of a class, from 1 on. The first seven are those of Okabe and Ito, which people who
// see red and green alike can tell apart; later ones walk around the circle of hues.
Colour class_colour(std::int64_t label);

}  // namespace lucid
