#include "folds/compared_labels.h"

#include <doctest/doctest.h>

#include "data/hdf5/write.h"
#include "support/temp_dir.h"

namespace lucid::test {
namespace {

const Shape kShape{3, 2, 4};

// A prediction of class 1 everywhere.
class AllOnes : public LabelPlanes {
 public:
  const Triple& extents() const override { return extents_; }
  void rewind() override { ++rewound; }
  void read(std::span<Label> plane) override { std::ranges::fill(plane, 1); }
  int rewound = 0;

 private:
  const Triple extents_{3, 2, 4};
};

// Labels 0, 1, 2, -1 along w, and a mask that is 0 at the last d.
VolumesConfig write_case(const TempDir& dir) {
  std::vector<float> raw(kShape.count(), 1);
  std::vector<std::int32_t> labels;
  std::vector<std::uint8_t> mask;
  for (std::size_t i = 0; i < kShape.count(); ++i) {
    const auto w = static_cast<std::int32_t>(i % 4);
    labels.push_back(w == 3 ? std::int32_t{-1} : w);
    mask.push_back(i < 16 ? 1 : 0);
  }
  hdf5::Writer writer(dir / "a.h5");
  writer.write<float>("raw", kShape, raw);
  writer.write<std::int32_t>("label", kShape, labels);
  writer.write<std::uint8_t>("mask", kShape, mask);
  writer.close();
  return {{(dir / "a.h5").string()}, "raw", "label", ""};
}

// The planes of the prediction and of the truth, one behind the other.
using Planes = std::vector<std::vector<Label>>;
Planes planes_of(ComparedLabels& labels) {
  Planes planes;
  labels.prediction().rewind();
  labels.truth().rewind();
  for (std::int64_t d = 0; d < labels.truth().extents()[0]; ++d) {
    planes.emplace_back(8);
    labels.prediction().read(planes.back());
    planes.emplace_back(8);
    labels.truth().read(planes.back());
  }
  return planes;
}

const std::vector<Label> kNone(8, 0);

}  // namespace

TEST_CASE("labels that are ignored count as background in truth and prediction") {
  const TempDir dir;
  const FoldCases cases(write_case(dir));
  AllOnes ones;
  ComparedLabels labels(cases.named("a"), ones, {.ignored = -1});
  const std::vector<Label> predicted{1, 1, 1, 0, 1, 1, 1, 0}, truth{0, 1, 2, 0, 0, 1, 2, 0};
  const Planes all{predicted, truth, predicted, truth, predicted, truth};
  CHECK(planes_of(labels) == all);
  CHECK(planes_of(labels) == all);  // again from the beginning
  CHECK(ones.rewound == 2);
}

TEST_CASE("voxels beyond the roi, or where the mask is 0, count as background") {
  const TempDir dir;
  VolumesConfig config = write_case(dir);
  config.mask = "mask";
  const FoldCases cases(config);
  AllOnes ones;
  ComparedLabels labels(cases.named("a"), ones,
                        {.ignored = -1, .roi = Ranges{{1, 0, 1}, {-1, 1, -1}}});
  const std::vector<Label> predicted{0, 1, 1, 0, 0, 0, 0, 0}, truth{0, 1, 2, 0, 0, 0, 0, 0};
  CHECK(planes_of(labels) == Planes{kNone, kNone, predicted, truth, kNone, kNone});
}

}  // namespace lucid::test
