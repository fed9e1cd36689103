#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "data/statistics/measured_boxes.h"
#include "formats/readers/volume_file.h"

namespace lucid {

// One index along an axis of a volume.
struct ChannelOfVolume {
  std::size_t axis;  // std::string::npos: there is none
  std::int64_t channel;
};
inline constexpr ChannelOfVolume kAllChannels{std::string::npos, 0};

// Whether up to 256 MiB of elements stay in memory for further passes, which else open the file
// again.
enum class KeptElements { kNone, kSmall };

// The elements of a volume in any format, or of one of its channels, read from front to back.
class VolumeBoxes : public MeasuredBoxes {
 public:
  // `open` gives the same file each time.
  VolumeBoxes(std::function<VolumeFile()> open, const ChannelOfVolume& channel, KeptElements keeps);

  const VolumeHeader& header() const { return header_; }
  ElementType element() const override { return element_; }
  std::int64_t count() const override { return (elements_ + box_ - 1) / box_; }
  std::int64_t elements() const override { return elements_; }
  void begin() override { next_ = 0; }
  std::int64_t next(std::vector<std::byte>& values) override;

  // What the file holds behind its elements and is not used, once all were read; empty if nothing.
  const std::string& left_out() const { return left_out_; }

 private:
  void read(std::int64_t first, std::span<std::byte> out);
  void read_runs(std::int64_t first, std::span<std::byte> out);
  void go_to(std::int64_t element);
  void read_stream(std::span<std::byte> out);

  std::function<VolumeFile()> open_;
  std::optional<VolumeFile> file_;
  VolumeHeader header_;
  ElementType element_;
  std::size_t bytes_;  // of an element
  // A channel has a run of `inner_` elements in each group of `channels_` such runs.
  std::int64_t all_, channels_ = 1, channel_ = 0, inner_ = 0;
  std::int64_t elements_, box_;
  std::mutex mutex_;
  std::int64_t next_ = 0, at_ = 0;  // the next box; the next element of the file
  bool keeps_ = false;
  std::vector<std::byte> kept_;
  std::string left_out_;
};

}  // namespace lucid
