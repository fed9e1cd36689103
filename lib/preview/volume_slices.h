#pragma once
// Private to this room.

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/volumes/plane_source.h"

namespace lucid {

// One volume of an array: a channel of a sample in the order d, h, w, whatever the stored order.
// Reads boxes, never the whole.
class SlicedVolume {
 public:
  struct Place {
    std::string axes;  // letters; empty: its attribute "axes", or the default by rank
    std::int64_t sample = 0, channel = 0;
  };
  // Throws Error(kData) if the dataset is not a volume, Error(kUsage) if it has no such sample.
  SlicedVolume(hdf5::Array array, const Place& place, const std::string& stored_axes);
  SlicedVolume(std::shared_ptr<const PlaneSource> array, const Place& place,
               const std::string& stored_axes);

  const std::array<std::int64_t, 3>& extents() const { return extents_; }  // d, h, w
  std::int64_t channels() const { return channels_; }
  std::int64_t samples() const { return samples_; }
  const std::string& place() const { return array_->place(); }
  void set_threshold(float threshold) { threshold_ = threshold; }
  // Floats are classes, not predictions.
  void take_classes() { threshold_.reset(); }

  // Returns the box in the order d, h, w.
  using Triple = std::array<std::int64_t, 3>;
  std::vector<float> read(const Triple& start, const Triple& count) const;
  // Returns classes: the stored integers; the channel with the largest value; or, for one channel
  // with a threshold, which floats have by default, whether the value exceeds it.
  std::vector<std::int64_t> read_labels(const Triple& start, const Triple& count) const;
  // Whether planes across d are read whole, one after the other.
  bool is_read_by_planes() const;

 private:
  hdf5::Region region(const Triple& start, const Triple& count, std::int64_t channel) const;
  std::vector<std::byte> read_stored(const hdf5::Region& box) const;
  std::vector<std::int64_t> read_integers(const Triple& start, const Triple& count) const;
  std::vector<float> read_channel(const Triple& start, const Triple& count,
                                  std::int64_t channel) const;

  std::shared_ptr<const PlaneSource> array_;
  std::string axes_;
  Place place_;
  std::array<std::int64_t, 3> extents_{};
  std::int64_t channels_ = 1, samples_ = 1;
  std::optional<float> threshold_;
};

}  // namespace lucid
