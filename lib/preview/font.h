#pragma once

#include <string>

#include "preview/picture.h"

namespace lucid {

// Letters of 5 x 7 dots, doubled and smoothed; ASCII, what is not becomes '?'.
constexpr std::int64_t kTextHeight = 14, kLetterWidth = 12;

std::int64_t text_width(const std::string& text);
void draw_text(Picture& picture, std::int64_t x, std::int64_t y, const std::string& text,
               Colour colour);

// With a dark edge: readable on anything.
void draw_outlined_text(Picture& picture, std::int64_t x, std::int64_t y, const std::string& text,
                        Colour colour);

// Words cut to the width, the end replaced by "..".
std::string fitted_text(const std::string& text, std::int64_t width);

}  // namespace lucid
