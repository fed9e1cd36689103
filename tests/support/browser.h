#pragma once

#include <filesystem>
#include <string>

namespace lucid::test {

// What Chromium made of a page.
struct Browsed {
  std::string dom;      // after its scripts
  std::string console;  // errors and warnings, one a line
  // The value of a `data-NAME` that the probe set on the root element.
  std::string probed(const std::string& name) const;
};

// Opens a copy of the page, with a script at its end, in a window of 1200 pixels, without a
// network. The script runs when the page is drawn, and has `probe(name, value)`. Throws
// std::runtime_error without Chromium; LUCID_NO_BROWSER in the environment tells that none is
// wanted, see has_browser().
Browsed browse(const std::filesystem::path& page, const std::string& script);
// The same in a frame of that width: windows cannot be narrow. There is no `dom`.
Browsed browse_narrow(const std::filesystem::path& page, const std::string& script, int width);

// False if tests are to leave out what needs a browser.
bool has_browser();

}  // namespace lucid::test
