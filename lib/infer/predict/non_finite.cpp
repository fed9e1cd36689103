#include "infer/predict/non_finite.h"

namespace lucid {

void NonFinite::add_input(std::size_t volume, const StoredValue& found) {
  add(volume, found.place + ": found " + found.value +
                  "; NaN and infinite values were passed through to the predictions");
}

void NonFinite::add_prediction(std::size_t volume, const std::string& place) {
  add(volume, place +
                  ": its predictions hold NaN or infinite values, though those of the volume are "
                  "finite");
}

void NonFinite::add_target(std::size_t volume, const StoredValue& found) {
  add(volume, found.place + ": found " + found.value +
                  "; what is measured against this target is not defined");
}

void NonFinite::add(std::size_t volume, const std::string& text) {
  if (volumes_.empty()) first_ = text;
  volumes_.insert(volume);
}

std::string NonFinite::warning() const {
  if (volumes_.size() < 2) return first_;
  const std::size_t others = volumes_.size() - 1;
  return first_ + "; " +
         (others == 1 ? "another volume has such values, too"
                      : std::to_string(others) + " other volumes have such values, too");
}

}  // namespace lucid
