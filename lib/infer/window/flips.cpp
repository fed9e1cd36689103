#include "infer/window/flips.h"

#include <cstddef>

namespace lucid {

std::vector<Flips> mirror_images(const Flips& axes) {
  std::vector<Flips> images{Flips{}};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (!axes[axis]) continue;
    std::vector<Flips> more;
    for (Flips image : images) {
      more.push_back(image);
      image[axis] = true;
      more.push_back(image);
    }
    images = std::move(more);
  }
  return images;
}

std::string letters_of(const Flips& axes) {
  std::string letters;
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (axes[axis]) letters += "dhw"[axis];
  return letters;
}

}  // namespace lucid
