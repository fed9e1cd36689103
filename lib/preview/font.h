#pragma once
// Private to this room.

#include <string>

#include "preview/picture.h"

namespace lucid {

// Draws letters of 5 x 7 dots, doubled and smoothed. ASCII only; other characters become '?'.
constexpr std::int64_t kTextHeight = 14, kLetterWidth = 12;

std::int64_t text_width(const std::string& text);
void draw_text(Picture& picture, std::int64_t x, std::int64_t y, const std::string& text,
               Colour colour);

// Adds a dark outline that is readable on any background.
void draw_outlined_text(Picture& picture, std::int64_t x, std::int64_t y, const std::string& text,
                        Colour colour);

// Cuts the text to the width; the end becomes "..".
std::string fitted_text(const std::string& text, std::int64_t width);

}  // namespace lucid
