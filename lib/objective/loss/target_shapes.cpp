#include "objective/loss/target_shapes.h"

namespace lucid {

std::string place_of(const JsonObject& object, std::string_view key) {
  return object.errors().file() + ": " + object.pointer() + "/" + std::string(key);
}

std::string batch_text(const Shape& shape) {
  std::string text = "(N";
  for (const Shape::Extent extent : shape.extents()) text += ", " + std::to_string(extent);
  return text + ")";
}

void check_values(const std::string& loss, const Shape& prediction, const Shape& target,
                  const std::string& for_classes) {
  if (target == prediction) return;
  if (prediction.rank() > 0 && prediction[0] == 1 && target == prediction.without_first()) return;
  const bool may_be_classes = prediction.rank() > 0 && target == prediction.without_first();
  throw Error(ExitCode::kData,
              loss + ": predictions " + batch_text(prediction) + " need targets " +
                  batch_text(prediction) + ", found " + batch_text(target) +
                  (may_be_classes ? "; " + for_classes : "; change the last layer or the targets"));
}

}  // namespace lucid
