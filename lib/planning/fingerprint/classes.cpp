#include "planning/fingerprint/classes.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "labels/components.h"

namespace lucid {
namespace {

// Where the voxels of a class are in a volume.
struct ClassPlaces {
  double voxels = 0;
  std::array<double, 3> sums{};

  void add(const Triple& place) {
    ++voxels;
    for (std::size_t axis = 0; axis < 3; ++axis) sums[axis] += static_cast<double>(place[axis]);
  }
  double centre(std::size_t axis) const { return sums[axis] / voxels; }
};

// The labels of a volume's region as planes; those that are no classes count as background.
class TargetPlanes : public LabelPlanes {
 public:
  TargetPlanes(const PatchVolume& volume, std::int64_t classes)
      : volume_(volume), region_(volume.grid.stored_region()), classes_(classes) {
    values_.resize(plane_voxels());
    places_.resize(static_cast<std::size_t>(classes));
  }

  const Triple& extents() const override { return region_.size; }
  void rewind() override { next_ = 0; }
  void read(std::span<Label> plane) override {
    Box box = region_;
    box.begin[0] += next_;
    box.size[0] = 1;
    volume_.stacks->target->read(volume_.sample, box, values_);
    std::ranges::transform(values_, plane.begin(), [&](float value) {
      const auto label = static_cast<std::int64_t>(value);
      return label > 0 && label < classes_ ? static_cast<Label>(label) : 0;
    });
    add_places(plane);
    ++next_;
  }

  // Of the planes that were read.
  const std::vector<ClassPlaces>& places() const { return places_; }
  // Of all voxels, once the planes were read.
  double foreground_share() const {
    double foreground = 0;
    for (const ClassPlaces& one : places_) foreground += one.voxels;
    return foreground /
           (static_cast<double>(region_.size[0]) * static_cast<double>(plane_voxels()));
  }

 private:
  void add_places(std::span<const Label> plane) {
    auto label = plane.begin();
    for (std::int64_t h = 0; h < region_.size[1]; ++h)
      for (std::int64_t w = 0; w < region_.size[2]; ++w, ++label)
        if (*label > 0) places_[static_cast<std::size_t>(*label)].add({next_, h, w});
  }

  const PatchVolume& volume_;
  const Box region_;
  const std::int64_t classes_;
  std::vector<float> values_;
  std::vector<ClassPlaces> places_;
  std::int64_t next_ = 0;
};

// How often one class lies before another along each axis, by a voxel at least.
class ClassOrder {
 public:
  explicit ClassOrder(std::size_t classes) : classes_(classes), pairs_(classes * classes) {}

  void add_volume(const std::vector<ClassPlaces>& places) {
    for (std::size_t a = 1; a < classes_; ++a)
      for (std::size_t b = a + 1; b < classes_ && places[a].voxels > 0; ++b)
        if (places[b].voxels > 0) pairs_[a * classes_ + b].add(places[a], places[b]);
  }

  // The largest share of volumes for any two classes.
  std::array<double, 3> agreement() const {
    std::array<double, 3> most{};
    for (const Pair& pair : pairs_)
      for (std::size_t axis = 0; axis < 3 && pair.volumes > 0; ++axis)
        most[axis] = std::max(most[axis], std::max(pair.before[axis], pair.behind[axis]) /
                                              static_cast<double>(pair.volumes));
    return most;
  }

 private:
  struct Pair {
    std::int32_t volumes = 0;
    std::array<std::int32_t, 3> before{}, behind{};

    void add(const ClassPlaces& a, const ClassPlaces& b) {
      ++volumes;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        before[axis] += a.centre(axis) + 1 <= b.centre(axis) ? 1 : 0;
        behind[axis] += b.centre(axis) + 1 <= a.centre(axis) ? 1 : 0;
      }
    }
  };

  const std::size_t classes_;
  std::vector<Pair> pairs_;
};

struct VolumeValues {
  std::vector<double> counts{}, largest{}, shares{};  // a value for each volume with the class
};

// The deviation over the mean; 0 where all are 0.
double variation_of(const std::vector<double>& values) {
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  const double count = static_cast<double>(values.size()), mean = sum / count;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return sum > 0 ? std::sqrt(squares / count) / mean : 0;
}

// Returns the share of foreground.
double add_volume(const PatchVolume& volume, std::int64_t classes, std::vector<VolumeValues>& all,
                  ClassOrder& order) {
  TargetPlanes planes(volume, classes);
  const Components components(planes, {}, [](double) {});
  order.add_volume(planes.places());
  struct Sum {
    double count = 0, voxels = 0, largest = 0;
  };
  std::vector<Sum> sums(static_cast<std::size_t>(classes));
  for (const Component& component : components.all()) {
    Sum& sum = sums[static_cast<std::size_t>(component.label)];
    const auto voxels = static_cast<double>(component.voxels);
    sum.count += 1;
    sum.voxels += voxels;
    sum.largest = std::max(sum.largest, voxels);
  }
  for (std::size_t label = 1; label < sums.size(); ++label) {
    if (sums[label].count == 0) continue;
    all[label].counts.push_back(sums[label].count);
    all[label].largest.push_back(sums[label].largest);
    all[label].shares.push_back(sums[label].largest / sums[label].voxels);
  }
  return planes.foreground_share();
}

}  // namespace

MeasuredClasses measure_classes(const PatchVolumes& volumes, std::int64_t classes,
                                const std::function<void(std::size_t)>& done) {
  std::vector<VolumeValues> measured(static_cast<std::size_t>(classes));
  ClassOrder order(measured.size());
  std::vector<double> shares;
  std::size_t count = 0;
  for (const PatchVolume& volume : volumes.all()) {
    shares.push_back(add_volume(volume, classes, measured, order));
    done(++count);
  }
  MeasuredClasses result{
      .components = {}, .order = order.agreement(), .share_variation = variation_of(shares)};
  for (std::size_t label = 1; label < measured.size(); ++label) {
    const VolumeValues& one = measured[label];
    ClassComponents made{.volumes = one.counts.size()};
    if (made.volumes > 0) {
      made.count = percentile_of(one.counts, 50);
      made.largest = percentile_of(one.largest, 50);
      made.largest_share = percentile_of(one.shares, 50);
    }
    result.components.push_back(made);
  }
  return result;
}

}  // namespace lucid
