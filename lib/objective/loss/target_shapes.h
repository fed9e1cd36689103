#pragma once
// Private to this room.

#include <string>
#include <string_view>

#include "base/json.h"
#include "tensor/shape.h"

namespace lucid {

// Names an argument in errors that need the shape of a prediction: "a.json: /loss/weight".
std::string place_of(const JsonObject&, std::string_view key);

// Writes a shape without N as "(N, 3, 8, 8)".
std::string batch_text(const Shape&);

// Throws Error(kData) unless targets have the shape of the prediction, or that shape without a
// channel axis of 1. `for_classes` is the advice where they look like class indices.
void check_values(const std::string& loss, const Shape& prediction, const Shape& target,
                  const std::string& for_classes = "for class indices use CrossEntropyLoss");

}  // namespace lucid
