#include "train/tensorboard/summary.h"

#include <cmath>

#include "train/tensorboard/histogram.h"

namespace lucid {

// Values of older forms are shorter; TensorBoard converts them while it reads.
void SummaryMessage::add_scalar(const std::string& tag, double value) {
  if (!std::isnan(value)) add(tag, Message().single(2, static_cast<float>(value)));
}

void SummaryMessage::add_histogram(const std::string& tag, std::span<const float> values) {
  add(tag, Message().message(5, histogram(values)));
}

void SummaryMessage::add_image(const std::string& tag, const SummaryImage& image) {
  constexpr std::int64_t kRgb = 3;
  Message message;
  message.integer(1, image.height).integer(2, image.width).integer(3, kRgb);
  message.text(4, {reinterpret_cast<const char*>(image.png.data()), image.png.size()});
  add(tag, Message().message(4, message));
}

// All is in the metadata; the value is an empty vector of floats.
void SummaryMessage::add_plugin_data(const std::string& tag, std::string_view plugin,
                                     const Message& content) {
  constexpr std::int64_t kFloat = 1;
  const Message shape = Message().message(2, Message().integer(1, 0));
  const Message tensor = Message().integer(1, kFloat).message(2, shape);
  const Message data = Message().text(1, plugin).message(2, content);
  add(tag, Message().message(8, tensor).message(9, Message().message(1, data)));
}

void SummaryMessage::add(const std::string& tag, const Message& rest) {
  summary_.text(1, Message().text(1, tag).bytes() + rest.bytes());
}

}  // namespace lucid
