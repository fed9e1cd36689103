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

void read_tta(const std::string& text, TileOptions& options) {
  constexpr std::string_view kLetters = "dhw";
  options.flips_as_trained = text == "flips";
  options.flips = {};
  if (options.flips_as_trained || text == "none") return;
  bool is_valid = !text.empty();
  for (const char letter : text) {
    const std::size_t axis = kLetters.find(letter);
    is_valid = is_valid && axis != std::string_view::npos && !options.flips[axis];
    if (is_valid) options.flips[axis] = true;
  }
  if (is_valid) return;
  const std::array<std::string, 2> words{"none", "flips"};
  const std::string meant = closest_match(text, words);
  throw Error(ExitCode::kUsage,
              "--tta: expected none, flips, or different letters of d, h, w, found " +
                  in_quotes(text) +
                  (meant.empty() ? "" : "; did you mean " + in_quotes(meant) + "?"));
}

}  // namespace lucid
