#pragma once
// Private to this room.

#include <string_view>

namespace lucid {

// The files in assets/, which CMake puts into the program. A page is the frame with a style, a
// script and data in the place of its marks.
namespace page_assets {
extern const std::string_view kFrame;
extern const std::string_view kStyle;
extern const std::string_view kRunScript;   // of the page of one run
extern const std::string_view kRunsScript;  // of the page that compares runs
}  // namespace page_assets

}  // namespace lucid
