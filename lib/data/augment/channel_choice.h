#pragma once
// Private to this room.

#include <optional>

#include "base/rng.h"
#include "data/augment/grid.h"

namespace lucid {

// Which channels a transform of values changes: all of them alike or, with a probability for each,
// those that are drawn, by values of their own.
struct ChannelChoice {
  std::optional<double> p;

  // Calls change(values of a channel, drawn) with what draw(rng) returns.
  template <class Draw, class Change>
  void apply(Grid& volume, Rng& rng, const Draw& draw, const Change& change) const {
    if (!p) {
      const auto drawn = draw(rng);
      for (std::int64_t c = 0; c < volume.channels; ++c) change(volume.channel(c), drawn);
      return;
    }
    for (std::int64_t c = 0; c < volume.channels; ++c)
      if (rng.uniform() < *p) change(volume.channel(c), draw(rng));
  }
};

}  // namespace lucid
