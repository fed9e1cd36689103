#include "infer/predict/trained_flips.h"

#include "base/text.h"

namespace lucid {
namespace {

std::string axes_text(const Flips& axes) {
  std::vector<std::string> names;
  for (const char letter : letters_of(axes)) names.emplace_back(1, letter);
  return names.empty() ? "none" : join(names, ", ");
}

// Begins a warning about the networks.
std::string about_networks(const InferOptions& options) {
  const std::size_t others = options.checkpoints.size() - 1;
  return "warning: " + options.checkpoints.front().string() +
         (others == 0 ? "" : " and " + std::to_string(others) + " others") + ": ";
}

}  // namespace

InferOptions with_trained_flips(InferOptions options, const TrainedConfig& config,
                                const InferNote& note) {
  if (!options.tiles || !options.tiles->flips_as_trained) return options;
  if (config.mirrored == Flips{}) {
    note(about_networks(options) +
         "--tta flips expects a network that was trained on mirror images, found RandomFlip along "
         "none: nothing is mirrored; name axes, as in --tta w, to mirror anyhow");
    if (options.tiles->is_only_flips()) {  // predicts as without
      options.tiles.reset();
      return options;
    }
  }
  options.tiles->flips = config.mirrored;
  options.tiles->flips_as_trained = false;
  return options;
}

void note_untrained_flips(const InferOptions& options, const TrainedConfig& config,
                          const InferNote& note) {
  if (!options.tiles) return;
  Flips unknown{};
  for (std::size_t axis = 0; axis < 3; ++axis)
    unknown[axis] = options.tiles->flips[axis] && !config.mirrored[axis] &&
                    config.graph.input_shape()[axis + 1] > 1;
  if (unknown == Flips{}) return;
  note(about_networks(options) + "--tta " + letters_of(options.tiles->flips) +
       " expects a network that was trained on mirror images along " +
       axes_text(options.tiles->flips) + ", found RandomFlip along " + axes_text(config.mirrored) +
       "; predictions may be much worse: leave --tta out, or train with RandomFlip along " +
       axes_text(unknown));
}

}  // namespace lucid
