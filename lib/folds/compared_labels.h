#pragma once
// Private to this room.

#include <optional>

#include "folds/fold_cases.h"
#include "labels/label_planes.h"

namespace lucid {

// The labels of a case and their prediction, plane by plane. Where the truth does not count, both
// are 0: labels that are ignored, voxels beyond the roi, and those where the mask is 0.
class ComparedLabels {
 public:
  struct Counted {
    std::optional<std::int64_t> ignored{};  // a label
    std::optional<Ranges> roi{};
    int threads = 1;  // that decode chunks
  };
  // All arguments must outlive the object. `prediction` has the extents of the case.
  ComparedLabels(const FoldCase& from, LabelPlanes& prediction, const Counted& counted);

  LabelPlanes& prediction() { return prediction_; }
  LabelPlanes& truth() { return truth_; }  // a plane is to be read after that of the prediction

 private:
  // Reads the planes of a stack, some at a time.
  class Slabs {
   public:
    Slabs(const Stack* stack, std::size_t sample, int threads)
        : stack_(stack), sample_(sample), threads_(threads) {}
    std::span<const float> plane(std::int64_t d);

   private:
    const Stack* stack_;
    std::size_t sample_;
    int threads_;
    std::int64_t begin_ = 0, end_ = 0;  // the planes that are there
    std::vector<float> values_{};
  };

  class Prediction final : public LabelPlanes {
   public:
    Prediction(ComparedLabels& labels, LabelPlanes& from) : labels_(labels), from_(from) {}
    const Triple& extents() const override { return from_.extents(); }
    void rewind() override;
    void read(std::span<Label> plane) override;

   private:
    ComparedLabels& labels_;
    LabelPlanes& from_;
  };

  class Truth final : public LabelPlanes {
   public:
    explicit Truth(ComparedLabels& labels) : labels_(labels) {}
    const Triple& extents() const override { return labels_.extents_; }
    void rewind() override {}
    void read(std::span<Label> plane) override;

   private:
    ComparedLabels& labels_;
  };

  bool is_counted(std::int64_t h, std::int64_t w, float label) const;
  void read_next_truth();

  const Triple extents_;
  const Counted counted_;
  Box region_;
  Slabs values_, mask_;
  const bool has_mask_;
  std::int64_t next_ = 0;
  std::vector<Label> labels_;      // of the plane before that
  std::vector<bool> are_counted_;  // of its voxels
  Prediction prediction_;
  Truth truth_;
};

}  // namespace lucid
