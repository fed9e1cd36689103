#include "infer/window/tile_options.h"

#include <charconv>

#include "base/text.h"
#include "data/array/ranges.h"

namespace lucid {

void read_patch(const std::string& text, TileOptions& options) {
  options.takes_largest = text == "auto";
  if (!options.takes_largest) options.patch = parse_size("--patch", text);
}

void read_overlap(const std::string& text, TileOptions& options) {
  options.overlap.reset();
  if (text == "auto") return;
  double share = 0;
  const char* const end = text.data() + text.size();
  const auto [last, failure] = std::from_chars(text.data(), end, share);
  if (failure != std::errc() || last != end || !(share >= 0 && share < 1))
    throw Error(
        ExitCode::kUsage,
        "--overlap: expected a number from 0 to below 1, or auto, found " + in_quotes(text));
  options.overlap = share;
}

}  // namespace lucid
