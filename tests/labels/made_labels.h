#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "labels/label_planes.h"
#include "support/golden.h"

namespace lucid::test {

// A volume of labels in memory.
class LabelArray : public LabelPlanes {
 public:
  LabelArray(const Triple& extents, std::vector<Label> labels)
      : extents_(extents), labels_(std::move(labels)) {}

  const Triple& extents() const override { return extents_; }
  void rewind() override { next_ = 0; }
  void read(std::span<Label> plane) override {
    const auto begin = labels_.begin() + static_cast<std::ptrdiff_t>(next_++ * plane_voxels());
    std::copy_n(begin, plane.size(), plane.begin());
  }
  const std::vector<Label>& labels() const { return labels_; }

 private:
  Triple extents_;
  std::vector<Label> labels_;
  std::size_t next_ = 0;
};

// Reads all planes.
inline std::vector<Label> all_labels(LabelPlanes& planes) {
  const std::size_t plane = planes.plane_voxels();
  std::vector<Label> labels(static_cast<std::size_t>(planes.extents()[0]) * plane);
  planes.rewind();
  for (std::size_t at = 0; at < labels.size(); at += plane)
    planes.read(std::span(labels).subspan(at, plane));
  return labels;
}

inline std::uint64_t mixed(std::uint64_t x) {  // the end of SplitMix64
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

inline std::uint64_t hashed(std::uint64_t seed, const Triple& place) {
  std::uint64_t hash = mixed(seed + 0x9e3779b97f4a7c15);
  for (const std::int64_t part : place) hash = mixed(hash + static_cast<std::uint64_t>(part));
  return hash;
}

inline Triple triple_of(const Json& list) {
  return {list[0].get<std::int64_t>(), list[1].get<std::int64_t>(), list[2].get<std::int64_t>()};
}

// The volumes that tests/golden/make_evaluation.py makes of the same numbers: cubes of random
// classes with voxels of other classes in them.
inline LabelArray made_labels(const Json& row, const Triple& shift = {0, 0, 0}) {
  const Triple extents = triple_of(row["extents"]);
  const auto seed = row["seed"].get<std::uint64_t>(), noise = row["noise"].get<std::uint64_t>();
  const auto classes = row["classes"].get<std::uint64_t>();
  const auto cell = row["cell"].get<std::int64_t>();
  std::vector<Label> labels;
  for (std::int64_t d = shift[0]; d < extents[0] + shift[0]; ++d)
    for (std::int64_t h = shift[1]; h < extents[1] + shift[1]; ++h)
      for (std::int64_t w = shift[2]; w < extents[2] + shift[2]; ++w) {
        const std::uint64_t fine = hashed(seed + 1000, {d, h, w});
        const std::uint64_t value =
            fine % noise == 0 ? fine / noise : hashed(seed, {d / cell, h / cell, w / cell});
        labels.push_back(static_cast<Label>(value % (classes + 1)));
      }
  return {extents, labels};
}

inline void no_progress(double) {}

}  // namespace lucid::test
