#include "planning/fingerprint/class_components.h"

#include <algorithm>

#include "labels/components.h"

namespace lucid {
namespace {

// The labels of a volume's region as planes; those that are no classes count as background.
class TargetPlanes : public LabelPlanes {
 public:
  TargetPlanes(const PatchVolume& volume, std::int64_t classes)
      : volume_(volume), region_(volume.grid.stored_region()), classes_(classes) {
    values_.resize(plane_voxels());
  }

  const Triple& extents() const override { return region_.size; }
  void rewind() override { next_ = 0; }
  void read(std::span<Label> plane) override {
    Box box = region_;
    box.begin[0] += next_++;
    box.size[0] = 1;
    volume_.stacks->target->read(volume_.sample, box, values_);
    std::ranges::transform(values_, plane.begin(), [&](float value) {
      const auto label = static_cast<std::int64_t>(value);
      return label > 0 && label < classes_ ? static_cast<Label>(label) : 0;
    });
  }

 private:
  const PatchVolume& volume_;
  const Box region_;
  const std::int64_t classes_;
  std::vector<float> values_;
  std::int64_t next_ = 0;
};

struct Measured {
  std::vector<double> counts{}, largest{}, shares{};  // a value for each volume with the class
};

void add_volume(const PatchVolume& volume, std::int64_t classes, std::vector<Measured>& all) {
  TargetPlanes planes(volume, classes);
  const Components components(planes, {}, [](double) {});
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
}

}  // namespace

std::vector<ClassComponents> measure_components(const PatchVolumes& volumes, std::int64_t classes,
                                                const std::function<void(std::size_t)>& done) {
  std::vector<Measured> measured(static_cast<std::size_t>(classes));
  std::size_t count = 0;
  for (const PatchVolume& volume : volumes.all()) {
    add_volume(volume, classes, measured);
    done(++count);
  }
  std::vector<ClassComponents> components;
  for (std::size_t label = 1; label < measured.size(); ++label) {
    const Measured& one = measured[label];
    ClassComponents made{.volumes = one.counts.size()};
    if (made.volumes > 0) {
      made.count = percentile_of(one.counts, 50);
      made.largest = percentile_of(one.largest, 50);
      made.largest_share = percentile_of(one.shares, 50);
    }
    components.push_back(made);
  }
  return components;
}

}  // namespace lucid
