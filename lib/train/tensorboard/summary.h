#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "train/tensorboard/message.h"

namespace lucid {

// A picture, PNG of 8-bit RGB.
struct SummaryImage {
  std::int64_t height, width;
  std::span<const std::byte> png;
};

// A Summary message: named values of one step.
class SummaryMessage {
 public:
  // Leaves out a value that is not defined, NaN.
  void add_scalar(const std::string& tag, double value);
  void add_histogram(const std::string& tag, std::span<const float> values);
  void add_image(const std::string& tag, const SummaryImage& image);
  // Adds what the "hparams" plugin reads, an HParamsPluginData.
  void add_plugin_data(const std::string& tag, std::string_view plugin, const Message& content);

  bool is_empty() const { return summary_.bytes().empty(); }
  const Message& message() const { return summary_; }

 private:
  void add(const std::string& tag, const Message& rest);

  Message summary_;
};

}  // namespace lucid
